// SPDX-License-Identifier: MIT
import Connect
import Testing

@Suite struct EndpointTests {
    @Test("every route is found by its path", arguments: Endpoint.allCases)
    func exact(endpoint: Endpoint) {
        #expect(MatchedRoute(path: endpoint.rawValue)?.endpoint == endpoint)
    }

    @Test("every letter may come escaped, each segment is decoded once", arguments: Endpoint.allCases)
    func escaped(endpoint: Endpoint) {
        let hexadecimal = Array("0123456789abcdef")
        let escaped = endpoint.rawValue.utf8.map { byte in
            byte == UInt8(ascii: "/") ? "/" : "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
        }.joined()
        #expect(MatchedRoute(path: escaped)?.endpoint == endpoint)
        #expect(MatchedRoute(path: escaped.replacing("%", with: "%25")) == nil)
        #expect(MatchedRoute(path: escaped.replacing("/", with: "%2f")) == nil)
    }

    @Test(
        "what needs normalising first is nowhere (checklist 40)",
        arguments: [
            "", "/", "auth/instagram", "/auth", "/auth/", "/auth/instagram/", "//auth/instagram", "/auth//instagram",
            "/auth/instagram//status", "/auth/instagram/status/", "/AUTH/instagram", "/auth/Instagram",
            "/auth/instagram/Status",
            "/./auth/instagram", "/auth/./instagram", "/x/../auth/instagram", "/auth/instagram/.", "/auth/instagram/..",
            "/auth/instagram/%2e", "/auth/instagram/%2e%2e/instagram", "/auth%2finstagram", "/auth/instagram%2fstatus",
            "/auth/instagram%2Fcallback", "/auth\\instagram", "/auth/instagram;x", "/auth/instagram%00",
            "/auth/instagram%20",
            "/auth/instagram ", "/auth/instagram%3f", "/auth/instagram%", "/auth/instagram%2", "/auth/%zznstagram",
            "/auth/instagra%C3%ADm", "/auth/instagram\u{301}", "/healthz/", "/Healthz", "/readyz/x", "/healthz%00",
            "/metrics/", "/Metrics",
            "https://shop.example/auth/instagram", "*", "/auth/instagram/callback/x", "/auth/instagram/callbac",
            "/auth/" + String(repeating: "%69", count: 100) + "nstagram",
        ])
    func refused(path: String) {
        #expect(MatchedRoute(path: path) == nil)
    }
}
