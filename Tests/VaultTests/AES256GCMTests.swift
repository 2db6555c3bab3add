// SPDX-License-Identifier: MIT
import Testing

@testable import Vault

@Suite struct AES256GCMTests {
    @Test(
        "NIST's plaintexts encrypt to NIST's ciphertexts and tags",
        arguments: try Vectors.load("nist-gcm-encrypt-256.rsp"))
    func encrypt(vector: Vectors.Case) {
        let plaintext = vector.bytes("PT")
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        sealed.withUnsafeMutableBytes { target in
            plaintext.withUnsafeBytes {
                AES256GCM.seal(
                    $0, key: Key(copying: vector.bytes("Key")), nonce: vector.bytes("IV"),
                    authenticating: vector.bytes("AAD"), into: target)
            }
        }
        #expect(sealed == vector.bytes("CT") + vector.bytes("Tag"))
    }

    @Test(
        "NIST's ciphertexts decrypt or are refused as NIST says; a refusal leaves no plaintext (checklist 44)",
        arguments: try Vectors.load("nist-gcm-decrypt-256.rsp"))
    func decrypt(vector: Vectors.Case) {
        let plaintext = Self.open(vector.bytes("CT") + vector.bytes("Tag"), as: vector)
        if vector.flags.contains("FAIL") {
            #expect(plaintext == nil)
        } else {
            #expect(plaintext == vector.bytes("PT"))
        }
    }

    @Test("the vectors are what they are said to be: both verdicts, several lengths")
    func subset() throws {
        let encrypt = try Vectors.load("nist-gcm-encrypt-256.rsp")
        let decrypt = try Vectors.load("nist-gcm-decrypt-256.rsp")
        #expect(encrypt.count == 100 && decrypt.count == 100)
        #expect(decrypt.count { $0.flags.contains("FAIL") } == 40)
        for vector in encrypt + decrypt {
            #expect(
                vector.bytes("Key").count == 32 && vector.bytes("IV").count == 12 && vector.bytes("Tag").count == 16)
            #expect(!vector.bytes("CT").isEmpty)
        }
        #expect(Set(encrypt.map { $0.bytes("AAD").count }).count == 5)
    }

    /// Nil for a refusal, after which the buffer must be wiped.
    private static func open(_ sealed: [UInt8], as vector: Vectors.Case) -> [UInt8]? {
        var target = [UInt8](repeating: 0xAA, count: sealed.count - 16)
        let opened = target.withUnsafeMutableBytes { target in
            sealed.withUnsafeBytes {
                AES256GCM.open(
                    $0, key: Key(copying: vector.bytes("Key")), nonce: vector.bytes("IV"),
                    authenticating: vector.bytes("AAD"), into: target)
            }
        }
        if !opened { #expect(target.allSatisfy { $0 == 0 }) }
        return opened ? target : nil
    }
}
