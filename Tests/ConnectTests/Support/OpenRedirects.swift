// SPDX-License-Identifier: MIT

/// Payloads of our own that lead, or led in some browser or framework, to another origin, or would be ambiguous.
enum OpenRedirects {
    static let all: [String] = spelledOut + combined

    private static let spelledOut = [
        "", " ", "a", "evil.example", "evil.example/", ".evil.example", "@evil.example", ":80", "?a", "#a",
        "?//evil.example",
        "https://evil.example", "HTTPS://evil.example", "https:evil.example", "https:/evil.example",
        "https:///evil.example",
        "https:\\\\evil.example", "http://shop.example@evil.example", "https://shop.example.evil.example",
        "https://shop.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://evil.example", "blob:x", "mailto:a@evil.example",
        "//", "///", "////", "//evil.example", "///evil.example", "////evil.example", "//evil.example/a/b",
        "//evil.example:80",
        "//user@evil.example", "//shop.example@evil.example", "//shop.example", "//[::1]", "//0x7f000001",
        "//2130706433",
        "/\\", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "\\evil.example", "/\\/evil.example",
        "/\\\\evil.example",
        "/a\\b", "/a/\\evil.example", "/a?b=\\", "//\\evil.example", "/.\\evil.example", "/..\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\r\n/evil.example", "\t//evil.example",
        "\n//evil.example",
        " //evil.example", "/ /evil.example", "/\u{b}/evil.example", "/\u{c}/evil.example", "/\u{0}/evil.example",
        "/a\u{0}b",
        "/\u{7f}/evil.example", "/\u{1b}[0m", "/a b", "/a\tb", "/a\r\nSet-Cookie: x=y", "/a\u{85}b",
        "/\u{a0}/evil.example",
        "/%2f/evil.example", "/%2F/evil.example", "/%2fevil.example", "/%2f%2fevil.example", "/%2F%2Fevil.example",
        "%2f%2fevil.example",
        "/%5cevil.example", "/%5Cevil.example", "/%5c%5cevil.example", "/a%5cb", "/%2f%5cevil.example",
        "/\\%2fevil.example",
        "/%09/evil.example", "/%0a/evil.example", "/%0d/evil.example", "/%0d%0aLocation:%20//evil.example",
        "/%00/evil.example",
        "/a%00", "/a%7f", "/a%1b", "/a?b=%0d%0a", "/a?b=%00", "/a%", "/a%2", "/a%zz", "/%", "/%%32%66evil.example",
        "/%u002f",
        "/.", "/..", "/./", "/../", "/./evil.example", "/../evil.example", "/a/.", "/a/..", "/a/../b", "/a/./b",
        "/.//evil.example",
        "/..//evil.example", "/a/..//evil.example", "/a/../../evil.example", "/%2e", "/%2e%2e", "/%2e/", "/%2E%2E/",
        "/.%2e/",
        "/%2e./", "/%2e%2e%2fevil.example", "/a%2f..%2fb", "/a/%2e%2e/b", "/%2e//evil.example", "/a%2f%2fb", "/a//",
        "/a//b",
        "/a///b", "/a/b//", "/a%2f/b", "/a/%2f", "/a#b", "/#", "/#//evil.example", "/a%23b", "/a?b#c", "/a%3F/%2e./b",
        "/a?instagram_error=busy", "/a?b&request_id=1", "/a?%69nstagram_error",
        "/a%3f%2f%2fb",
        "/é", "/\u{2028}", "/\u{2215}evil.example", "/\u{ff0f}evil.example", "\u{ff0f}\u{ff0f}evil.example",
        "/\u{3002}evil", "/\u{202e}a",
        "/\u{feff}/evil.example", "/\u{200b}/evil.example", "\u{feff}/a", "/\u{1f600}", "/a\u{301}",
    ]

    /// Every way to write two slashes, before every way to name a host.
    private static let combined: [String] = {
        let slashes = ["/", "\\", "%2f", "%5c", "/\t", "/ ", "\\\n"]
        let hosts = ["evil.example", "shop.example@evil.example", "evil.example%2f..", "[::1]:80"]
        return slashes.flatMap { one in
            slashes.flatMap { two in hosts.map { "/" + (one == "/" ? "" : one) + two + $0 } }
        }.filter { $0.dropFirst().first.map { "/\\%\t \n".contains($0) } ?? false }
    }()
}
