// SPDX-License-Identifier: MIT

/// Which requests reach the program, and with which parameters.
extension NginxRule {
    static let surface: [NginxRule] = [
        everywhere("a location says which surface it is") { place in
            let values = place.parameters("IG_SURFACE")
            if values.count == 1, ["public", "private"].contains(values[0].value) { return [] }
            return [
                NginxFault(
                    values.first?.line ?? place.directive, "passes to this program without one IG_SURFACE of its own",
                    "include snippets/ig-shop-auth-public.conf in this location")
            ]
        },
        NginxRule(name: "the private surface is on loopback") { site, _ in
            site.servers.flatMap { server -> [NginxFault] in
                guard server.ours.contains(where: \.isPrivate) else { return [] }
                let outside = server.listens.filter { !isLoopback($0.arguments.first ?? "") }
                let blamed = server.listens.isEmpty ? [server.place.directive] : outside
                return blamed.map {
                    NginxFault(
                        $0, "the private routes are served on an address that others reach",
                        "listen on 127.0.0.1 and [::1] alone, as conf.d/ig-shop-auth_private.conf does")
                }
            }
        },
        NginxRule(name: "the public surface is below /auth/instagram") { site, _ in
            site.publicOnes.filter { $0.directive.name == "location" && !isOurPath($0.directive) }.map {
                NginxFault(
                    $0.directive,
                    "the location \($0.directive.arguments.joined(separator: " ")) passes to this program",
                    "only = \(NginxNeeds.paths) and ^~ \(NginxNeeds.paths)/ and exact paths below it may")
            }
        },
        everywhere("nothing that a client invents arrives") { place in
            if place.value("fastcgi_pass_request_headers") == "off" { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_pass_request_headers"), "passes on every header that a client invents",
                    "fastcgi_pass_request_headers off, as in snippets/ig-shop-auth-fastcgi.conf")
            ]
        },
        everywhere("no general list of parameters") { place in
            place.effective("fastcgi_param").filter { isGeneral($0.file) }.prefix(1).map {
                NginxFault(
                    place.directive, "includes \($0.file), whose REMOTE_USER is whatever a client typed",
                    "leave it out: snippets/ig-shop-auth-fastcgi.conf has the whole list")
            }
        },
        everywhere("no parameter outside the list") { place in
            let listed = place.isPrivate ? listed.union(["HTTP_AUTHORIZATION"]) : listed
            return place.effective("fastcgi_param").filter { line in
                !isGeneral(line.file) && !listed.contains(line.arguments.first ?? "")
            }.map {
                NginxFault(
                    $0, "passes the parameter \($0.arguments.first ?? ""), which this program does not ask for here",
                    "remove the line")
            }
        },
    ]

    private static let listed: Set = [
        "REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTPS", "REQUEST_ID", "HTTP_ACCEPT",
        "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_SEC_PURPOSE", "IG_SURFACE",
        "REMOTE_USER", "IG_EDGE",
    ]

    private static func isGeneral(_ file: String) -> Bool {
        ["fastcgi_params", "fastcgi.conf"].contains(file.split(separator: "/").last.map(String.init))
    }

    private static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("unix:") || address.hasPrefix("[::1]") || address == "localhost"
            || address.hasPrefix("localhost:")
            || (address.hasPrefix("127.") && address.prefix { $0 != ":" }.contains("."))
    }

    private static func isOurPath(_ location: NginxDirective) -> Bool {
        let words = Array(location.arguments)
        guard let path = words.last, words.count == 1 || ["=", "^~"].contains(words[0]) else { return false }
        return path.hasPrefix(NginxNeeds.paths + "/") || words == ["=", NginxNeeds.paths]
    }
}
