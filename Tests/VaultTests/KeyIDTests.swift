// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct KeyIDTests {
    @Test(
        "letters, digits, dot, underscore and hyphen make an id of 1 to 32 bytes",
        arguments: ["a", "2026-01", "A.b_c-9", String(repeating: "x", count: 32)])
    func allowed(text: String) {
        #expect(KeyID(text)?.description == text)
        #expect(KeyID(text) == KeyID(Array(text.utf8)))
    }

    @Test(
        "anything else makes none",
        arguments: [
            "", " ", "a b", "a/b", "a+b", "a=", "é", "e\u{301}", "a\0", "a\n", String(repeating: "x", count: 33),
        ])
    func refused(text: String) {
        #expect(KeyID(text) == nil)
    }

    @Test("ids are ordered by their bytes")
    func order() throws {
        let ids = try ["b", "a", "B", "10", "9"].map { try #require(KeyID($0)) }
        #expect(ids.sorted().map(\.description) == ["10", "9", "B", "a", "b"])
    }
}
