// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct CookieHeaderTests {
    @Test(
        "a cookie of ours is found once, by the bytes of its name (checklist 26)",
        arguments: zip(
            [
                "__Host-x=1", "a=b; __Host-x=1; c=d", "a=b;__Host-x=1", "__Host-x=1; __Host-X=2", "__Host-x=",
                "__Host-x=a=b",
                "__Host-x=\"1\"", "__Host-x=1 ", "; ; __Host-x=1;;", "novalue; __Host-x=1", "=1; __Host-x=1",
            ],
            ["1", "1", "1", "1", "", "a=b", "\"1\"", "1 ", "1", "1", "1"]))
    func found(field: String, value: String) {
        #expect(CookieHeader(field).value("__Host-x").map { String($0) } == value)
    }

    @Test(
        "doubled, renamed and decorated cookies are not ours (checklist 26)",
        arguments: [
            "", "__Host-x", "__Host-x=1; __Host-x=1", "__Host-x=1; a=b; __Host-x=2", "__host-x=1", "__Host-x =1",
            "  __Host-x=1", "\t__Host-x=1", "\u{a0}__Host-x=1", "__Host-x\u{0}=1", "$Version=1, __Host-x=1",
            "\"__Host-x=1\"",
            "__Host-x\u{301}=1", "\u{feff}__Host-x=1", "__Host-xx=1", "_Host-x=1",
        ])
    func notFound(field: String) {
        #expect(CookieHeader(field).value("__Host-x") == nil)
    }

    @Test("a quoted value protects nothing: there is no quoting (RFC 6265bis, section 5.8.3)")
    func quotes() {
        #expect(CookieHeader("a=\"b; __Host-x=1; c\"").value("__Host-x").map { String($0) } == "1")
    }

    @Test("no field has no cookies")
    func none() {
        #expect(CookieHeader(nil).pairs.isEmpty)
    }
}
