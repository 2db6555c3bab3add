// SPDX-License-Identifier: MIT

/// How nginx waits for the program, and when it asks again.
extension NginxRule {
    static let upstream: [NginxRule] = [
        NginxRule(name: "a crash is asked again") { site, _ in
            let lone = site.upstreams.filter { servers(of: $0).count < 2 } + site.bare
            return lone.map {
                NginxFault(
                    $0, "a lone server is never tried again, so that each request that meets a restart is a 502",
                    "list the socket three times with max_fails=0, as conf.d/ig-shop-auth.conf does")
            }
        },
        NginxRule(name: "the socket is never held for dead") { site, _ in
            site.upstreams.flatMap(servers).filter { !$0.arguments.contains("max_fails=0") }.map {
                NginxFault($0, "nginx holds the socket for dead after one failure, for ten seconds", "add max_fails=0")
            }
        },
        everywhere("nothing slow is sent twice") { place in
            let tried = place.effective("fastcgi_next_upstream").first?.arguments ?? ["error", "timeout"]
            guard tried.contains("timeout") || tried.contains("non_idempotent") else { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_next_upstream"), "a request that is slow is sent a second time",
                    "fastcgi_next_upstream error, without timeout and non_idempotent")
            ]
        },
        everywhere("no connection is kept") { place in
            guard place.value("fastcgi_keep_conn") == "on" else { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_keep_conn"), "kept connections only wait in this program",
                    "fastcgi_keep_conn off")
            ]
        },
        everywhere("nginx waits as long as a flow takes") { place in
            guard
                let limit = NginxUnits.seconds(
                    place.effective("fastcgi_read_timeout").first?.arguments.joined() ?? "60s")
            else { return [] }
            guard limit < NginxNeeds.flowSeconds else { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_read_timeout"),
                    "nginx gives up after \(limit) s, and a flow may take \(NginxNeeds.flowSeconds) s",
                    "fastcgi_read_timeout 60s")
            ]
        },
    ]

    private static func servers(of upstream: NginxDirective) -> [NginxDirective] {
        (upstream.block ?? []).filter { $0.name == "server" }
    }
}
