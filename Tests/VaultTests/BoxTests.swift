// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct BoxTests {
    static func sealed(_ text: String = "token") throws -> Box {
        try Samples.keyring("2026-01").seal(LongLivedToken(utf8: text), as: Samples.field, random: .seeded(4))
    }

    @Test("a box is format, key id behind its length, nonce, ciphertext, tag")
    func layout() throws {
        let box = try Self.sealed()
        #expect(Array(box.bytes.prefix(9)) == [1, 7] + "2026-01".utf8)
        #expect(Array(box.bytes[9..<21]) == Randomness.seeded(4).bytes(12))
        #expect(box.bytes.count == 9 + 12 + 5 + 16)
        #expect(box.keyID == KeyID("2026-01"))
    }

    @Test("a stored box comes back as the same box")
    func stored() throws {
        let box = try Self.sealed()
        #expect(Box(bytes: box.bytes) == box)
    }

    @Test("a box cut at any length where no byte of plaintext is left is none (checklist 44)")
    func truncated() throws {
        let box = try Self.sealed("x")
        for count in 0..<box.bytes.count { #expect(Box(bytes: Array(box.bytes.prefix(count))) == nil) }
    }

    @Test("another format, an impossible key id and an impossible length are no box")
    func malformed() throws {
        let bytes = try Self.sealed().bytes
        #expect(Box(bytes: [0] + bytes.dropFirst()) == nil)
        #expect(Box(bytes: [2] + bytes.dropFirst()) == nil)
        #expect(Box(bytes: [1, 0] + bytes.dropFirst(2)) == nil)
        #expect(Box(bytes: [1, 33] + [UInt8](repeating: 97, count: 100)) == nil)
        #expect(Box(bytes: [1, 255] + bytes.dropFirst(2)) == nil)
        #expect(Box(bytes: [1, 1, 0] + bytes.dropFirst(3)) == nil)
        #expect(Box(bytes: bytes + [UInt8](repeating: 0, count: 70_000)) == nil)
    }
}
