// SPDX-License-Identifier: MIT
import Testing

@testable import ig_shop_auth

/// What is told of nginx's own errors.
@Suite
struct NginxRefusalTests {
    @Test(
        "Its words and the place, but nothing that it quotes out of the files",
        arguments: [
            (
                "nginx: [emerg] unknown directive \"SECRET\" in /etc/nginx/edge.conf:1\n"
                    + "nginx: configuration file /etc/nginx/nginx.conf test failed\n",
                "nginx: [emerg] unknown directive \"...\" in /etc/nginx/edge.conf:1"
            ),
            (
                "nginx: [warn] conflicting server name \"x\" on 0.0.0.0:80, ignored\n"
                    + "nginx: [emerg] invalid parameter \"SECRET\" in \"listen\" directive in /n:3",
                "nginx: [emerg] invalid parameter \"...\" directive in /n:3"
            ),
            (
                "nginx: [emerg] unknown directive \"SEC\"RET\" in /n:1",
                "nginx: [emerg] unknown directive \"...\" in /n:1"
            ),
            (
                "nginx: [emerg] unknown directive \"\"a\nSEC\"RET\nSECRET\" in /n:1\nnginx: test failed",
                "nginx: [emerg] unknown directive \"...\" in /n:1"
            ),
            ("nginx: [emerg] unknown directive \"SECRET", "nginx: [emerg] unknown directive \"...\""),
            (
                "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)",
                "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"
            ),
        ])
    func told(_ error: String, _ expected: String) {
        #expect(NginxRefusal(error)?.description == expected)
    }

    @Test("Without a refusal there is nothing to tell")
    func silent() {
        #expect(NginxRefusal("") == nil && NginxRefusal("nginx: [warn] \"x\"") == nil)
    }
}
