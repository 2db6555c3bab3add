// SPDX-License-Identifier: MIT

/// Who arrives in REMOTE_USER. A value counts only where a login is switched on in the same location.
extension NginxRule {
    static let identity: [NginxRule] = [
        everywhere("one REMOTE_USER line a location") { place in
            place.parameters("REMOTE_USER").dropFirst().map {
                NginxFault($0.line, "a second REMOTE_USER line in one location", "remove one: libraries believe either")
            }
        },
        NginxRule(name: "a user who is proven") { site, _ in
            site.servers.flatMap { server in
                server.ours.flatMap { place in
                    place.parameters("REMOTE_USER").compactMap { value, line in
                        doubt(value, place, server, site).map { NginxFault(line, $0.problem, $0.remedy) }
                    }
                }
            }
        },
        NginxRule(name: "the application is not told the code") { site, _ in
            site.servers.flatMap { server in
                let asked = Set(server.ours.flatMap { $0.effective("auth_request") }.compactMap(\.arguments.first))
                return server.locations.filter { location in
                    location.directive.arguments.last.map { asked.contains($0) } ?? false
                }.flatMap { disclosures($0, site) }
            }
        },
        NginxRule(name: "identity and logins agree") { site, needs in
            let named = site.publicOnes.first { $0.namesUser }
            if needs.isRemoteUser, named == nil, let place = site.publicOnes.first {
                return [
                    NginxFault(
                        place.directive, "IG_SHOP_AUTH_IDENTITY is remote-user, and no location signs anybody in",
                        "include ig-shop-auth-basic.conf, ig-shop-auth-request.conf or ig-shop-auth-certificate.conf")
                ]
            }
            guard needs.identity != nil, !needs.isRemoteUser, let named else { return [] }
            return [
                NginxFault(
                    named.directive, "signs people in, and IG_SHOP_AUTH_IDENTITY is session, which does not look at it",
                    "set IG_SHOP_AUTH_IDENTITY to remote-user, or include snippets/ig-shop-auth.conf instead")
            ]
        },
    ]

    private typealias Doubt = (problem: String, remedy: String)

    /// Why the user that a line passes may be anybody; nil where it is proven.
    private static func doubt(
        _ value: String, _ place: NginxPlace, _ server: NginxServer, _ site: NginxSite
    ) -> Doubt? {
        if value.isEmpty { return nil }
        if place.value("satisfy") == "any" {
            return ("\"satisfy any\" lets an address in with a name that is not proven", "satisfy all in this location")
        }
        guard value.hasPrefix("$") else {
            return ("signs everybody in as one user", "REMOTE_USER \"\", or a login in this location")
        }
        let name = variables(value).first.map { "$" + $0 } ?? value
        if name == "$remote_user" {
            let isAsked = place.own("auth_basic").contains {
                !["off"].contains($0.words[1]) && !$0.words[1].contains("$")
            }
            return isAsked && place.value("auth_basic_user_file") != nil
                ? nil
                : (
                    "REMOTE_USER is whatever a client typed, because this location has no auth_basic",
                    "REMOTE_USER \"\", or include snippets/ig-shop-auth-basic.conf instead"
                )
        }
        let taken = place.own("auth_request_set").filter { $0.words.count > 2 && $0.words[1] == name }
        if !taken.isEmpty {
            let isAsked = place.own("auth_request").contains { $0.words[1] != "off" }
            let isAnswer = taken.allSatisfy { line in
                let sources = variables(line.words[2])
                return !sources.isEmpty && sources.allSatisfy { $0.hasPrefix("upstream_http_") }
            }
            return isAsked && isAnswer
                ? nil
                : (
                    "REMOTE_USER does not come from the answer of an auth_request of this location",
                    "auth_request and auth_request_set from $upstream_http_..., as in snippets/ig-shop-auth-request.conf"
                )
        }
        if isCertificate(name, site), ["on", "optional"].contains(server.place.value("ssl_verify_client")) {
            return nil
        }
        return (
            "REMOTE_USER \(value) is not proven by a login of this location",
            "use one of ig-shop-auth-basic.conf, ig-shop-auth-request.conf and ig-shop-auth-certificate.conf"
        )
    }

    /// A field of a certificate, or a map that has one only together with SUCCESS and is empty otherwise.
    private static func isCertificate(_ name: String, _ site: NginxSite) -> Bool {
        if ["$ssl_client_s_dn", "$ssl_client_fingerprint", "$ssl_client_serial"].contains(name) { return true }
        guard let map = site.maps[name], variables(map.words[1]).contains("ssl_client_verify") else { return false }
        let lines = (map.block ?? []).filter { !["hostnames", "volatile"].contains($0.name) && $0.words.count > 1 }
        return lines.allSatisfy { $0.words[1].isEmpty || $0.words[0].contains("SUCCESS") }
    }

    /// What the endpoint of an auth_request hears beside the login.
    private static func disclosures(_ endpoint: NginxPlace, _ site: NginxSite) -> [NginxFault] {
        // Who somebody is, which the application is asked for.
        let login: Set = ["http_cookie", "http_authorization"]
        let remedy = "pass on Cookie and Authorization alone, as snippets/ig-shop-auth-request.conf does"
        let told = (endpoint.effective("proxy_set_header") + endpoint.effective("proxy_pass")).filter {
            $0.arguments.contains { !secrets(in: $0, site).subtracting(login).isEmpty }
        }
        var faults = told.map {
            NginxFault($0, "tells the application the address of a callback, code included", remedy)
        }
        let hidden = endpoint.effective("proxy_set_header").contains {
            $0.words.count > 2 && $0.words[1].lowercased() == "referer" && $0.words[2].isEmpty
        }
        if endpoint.value("proxy_pass_request_headers") != "off", !hidden, !endpoint.own("proxy_pass").isEmpty {
            faults.append(
                NginxFault(
                    endpoint.directive,
                    "passes every header of a client to the application, the referrer and invented user headers among them",
                    remedy))
        }
        return faults
    }
}
