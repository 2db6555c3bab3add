// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct KeyringTests {
    @Test("the file's order is the keyring's; comments, blanks, tabs and empty lines mean nothing")
    func order() throws {
        let text = """
            # the keyring of a shop

            \t \(Samples.line("new").replacing(" ", with: " \t "))  # since May
            \(Samples.line("old"))#until June
              # \(Samples.line("gone"))
            \(Samples.line("leaked"))
            """
        let keyring = try Keyring(parsing: text.utf8)
        #expect(keyring.ids.map(\.description) == ["new", "old", "leaked"])
        #expect(keyring.signingID == KeyID("new"))
    }

    @Test("a generated line is a keyring, and no two are alike")
    func generated() throws {
        let id = try #require(KeyID("2026-01"))
        let line = Keyring.generateLine(id: id, random: .system)
        #expect(line.utf8.count == "2026-01 ".utf8.count + 43)
        #expect(try Keyring(parsing: line.utf8).ids == [id])
        #expect(line != Keyring.generateLine(id: id, random: .system))
    }

    @Test("a hundred keys make a keyring")
    func hundred() throws {
        let lines = (1...100).map { Samples.line("key-\($0)") }.joined(separator: "\n")
        #expect(try Keyring(parsing: lines.utf8).ids.count == 100)
    }

    @Test(
        "a fingerprint is the same for the same bytes and another for others, whatever the name; it is no derived key")
    func fingerprints() throws {
        let keyring = try Samples.keyring("a", "b")
        let a = try #require(KeyID("a"))
        #expect(keyring.fingerprints.mapValues(\.count) == [a: 16, KeyID("b")!: 16])
        #expect(try Samples.keyring("c", "a").fingerprints[a] == keyring.fingerprints[a])
        let other = try Keyring(parsing: Keyring.generateLine(id: a, random: .seeded(1)).utf8)
        #expect(other.fingerprints[a] != keyring.fingerprints[a])
        #expect(keyring.fingerprints[a] != keyring.fingerprints[KeyID("b")!])
        // Against Python's hmac: HKDF-SHA-256 of 32 bytes 0x01 without a salt.
        let ones = try Keyring(parsing: "one \(Base64URL.encode([UInt8](repeating: 1, count: 32)))".utf8)
        #expect(
            ones.fingerprints[KeyID("one")!] == [
                0x01, 0x50, 0xb8, 0x7a, 0x6e, 0x03, 0xa8, 0xa1, 0xf9, 0xe9, 0x14, 0x54, 0x4b, 0x48, 0xdb, 0xd9,
            ])
    }

    @Test("two keyrings are the same where the same keys stand in the same order")
    func same() throws {
        let keyring = try Samples.keyring("a", "b")
        #expect(try keyring.isSame(as: Samples.keyring("a", "b")))
        #expect(try !keyring.isSame(as: Samples.keyring("b", "a")))
        #expect(try !keyring.isSame(as: Samples.keyring("a")))
        let other = Keyring.generateLine(id: KeyID("b")!, random: .seeded(1))
        #expect(try !keyring.isSame(as: Keyring(parsing: "\(Samples.line("a"))\n\(other)".utf8)))
    }
}
