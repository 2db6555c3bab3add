// SPDX-License-Identifier: MIT

/// The authorization code is in the address of the callback, and in the referrer of what follows. No log may have them.
extension NginxRule {
    static let logs: [NginxRule] = [
        NginxRule(name: "no access log has a code") { site, _ in
            // A request that breaks off before nginx has chosen a location is logged by the server, and the callback
            // that comes over plain HTTP meets another server of the same name.
            let names = site.servers.filter { !$0.publicOnes.isEmpty }.reduce(into: Set<String>()) {
                $0.formUnion($1.names)
            }
            let servers = site.servers.filter { server in
                !server.publicOnes.isEmpty
                    || (!server.names.isDisjoint(with: names) && server.isPlain)
            }
            return (servers.map(\.place) + site.publicOnes).flatMap { accessLogs(of: $0, site) }
        },
        NginxRule(name: "no error log has a code") { site, _ in
            site.publicOnes.flatMap { place -> [NginxFault] in
                let lines = place.effective("error_log")
                let loud = lines.filter { $0.words.count < 3 || $0.words[2] != "emerg" }
                return (lines.isEmpty ? [place.directive] : loud).map {
                    NginxFault(
                        $0, "nginx's error log prints the request line, code included, when the upstream fails",
                        "error_log stderr emerg in the location, as in snippets/ig-shop-auth-public.conf")
                }
            }
        },
    ]

    private static func accessLogs(of place: NginxPlace, _ site: NginxSite) -> [NginxFault] {
        let lines = place.effective("access_log")
        let remedy = "access_log /var/log/nginx/ig-shop-auth.log ig_shop_auth"
        if lines.isEmpty {
            return [NginxFault(place.directive, "nginx's standard access log prints the code of a callback", remedy)]
        }
        return lines.filter { $0.words[1] != "off" }.flatMap { line -> [NginxFault] in
            let named = line.words.count > 2 && !line.words[2].contains("=") ? line.words[2] : "combined"
            let format = site.formats[named]?.words.dropFirst(2).joined() ?? (named == "combined" ? combined : "")
            let told = secrets(in: format, site).union(secrets(in: line.words[1], site))
            guard let worst = told.min() else { return [] }
            return [
                NginxFault(line, "the format \(named) prints $\(worst), and with it the code of a callback", remedy)
            ]
        }
    }

    private static let combined =
        "$remote_addr $remote_user $time_local $request $status $body_bytes_sent $http_referer $http_user_agent"

    /// Variables that hold a code, a state or a cookie.
    private static let telling: Set = [
        "request", "request_uri", "args", "query_string", "http_referer", "http_cookie", "http_authorization",
        "request_body", "sent_http_location", "sent_http_set_cookie", "upstream_http_location",
        "upstream_http_set_cookie",
    ]

    /// Those of a text, also where a map hands them on.
    static func secrets(in text: String, _ site: NginxSite, depth: Int = 0) -> Set<String> {
        variables(text).reduce(into: []) { found, name in
            if telling.contains(name) || name.hasPrefix("arg_") || name.hasPrefix("cookie_") { found.insert(name) }
            guard depth < 8, let map = site.maps["$" + name] else { return }
            for line in map.block ?? [] where line.words.count > 1 {
                found.formUnion(secrets(in: line.words[1], site, depth: depth + 1))
            }
        }
    }

    /// The names after each dollar sign.
    static func variables(_ text: String) -> [String] {
        text.split(separator: "$", omittingEmptySubsequences: false).dropFirst().map { part in
            let part = part.hasPrefix("{") ? part.dropFirst() : part
            return String(part.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        }
    }
}

extension NginxServer {
    /// Answers plain HTTP on its usual port, which is where nginx listens if nothing is said.
    fileprivate var isPlain: Bool {
        let addresses = listens.map { $0.arguments.first ?? "" }
        return addresses.isEmpty || addresses.contains { $0 == "80" || $0.hasSuffix(":80") }
    }
}
