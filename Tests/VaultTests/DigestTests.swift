// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct DigestTests {
    @Test(
        "SHA-256 gives the digests of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(text: String, digest: String) {
        #expect(Digest.sha256(text.utf8) == hex(digest))
        #expect(Digest.sha256(Array(text.utf8)) == hex(digest))
        #expect(AppSecret(utf8: text).withBytes { Digest.sha256($0) } == hex(digest))
    }

    @Test("HKDF gives the keys of RFC 5869", arguments: try Vectors.load("rfc5869-hkdf-sha256.txt"))
    func hkdf(vector: Vectors.Case) throws {
        let key = Digest.hkdf(
            key: Key(copying: vector.bytes("IKM")), salt: vector.bytes("salt"), info: vector.bytes("info"),
            count: try #require(Int(vector.text("L"))))
        #expect(key == Key(copying: vector.bytes("OKM")))
    }

    @Test("bytes compare equal only if every bit and the length agree (checklist 7)")
    func constantTimeEqual() {
        let bytes = Randomness.seeded(2).bytes(32)
        #expect(Digest.constantTimeEqual(bytes, bytes))
        #expect(Digest.constantTimeEqual([], []))
        for bit in 0..<256 { #expect(!Digest.constantTimeEqual(bytes, bytes.flipping(bit: bit))) }
        #expect(!Digest.constantTimeEqual(bytes, bytes.dropLast()))
        #expect(!Digest.constantTimeEqual(bytes + [0], bytes))
        #expect(!Digest.constantTimeEqual([], bytes))
    }

    @Test("the linked OpenSSL says what it is")
    func version() {
        #expect(LinkedLibrary.version.hasPrefix("OpenSSL 3"))
    }
}
