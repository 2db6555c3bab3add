// SPDX-License-Identifier: MIT
import Vault

/// The secret beside which the program believes REMOTE_USER.
extension NginxRule {
    static let edge: [NginxRule] = [
        NginxRule(name: "the edge secret is sent") { site, needs in
            guard needs.isRemoteUser else { return [] }
            return site.publicOnes.filter { $0.namesUser && $0.parameters("IG_EDGE").count != 1 }.map {
                NginxFault(
                    $0.directive, "passes a user without one IG_EDGE line, so that nobody is signed in",
                    "include /etc/nginx/ig-shop-auth-edge.conf; snippets/ig-shop-auth-login.conf says how to make it")
            }
        },
        NginxRule(name: "the edge secret is ours") { site, needs in
            guard let edge = needs.edge else { return [] }
            return lines(site).filter { EdgeSecret(utf8: $0.words[2]) != edge }.map {
                NginxFault(
                    $0, "the edge secret is not the one in IG_SHOP_AUTH_EDGE, so that nobody is signed in",
                    "write the same 43 characters to both")
            }
        },
        NginxRule(name: "the edge secret is root's alone") { site, needs in
            lines(site).filter { needs.mode($0.file).map { $0 & 0o077 != 0 } ?? false }.map {
                NginxFault(
                    $0,
                    "others than root can read the edge secret (mode \(String((needs.mode($0.file) ?? 0) & 0o7777, radix: 8)))",
                    "chmod 0600, and make a new secret")
            }
        },
    ]

    private static func lines(_ site: NginxSite) -> [NginxDirective] {
        site.ours.flatMap { $0.parameters("IG_EDGE").map(\.line) }
    }
}
