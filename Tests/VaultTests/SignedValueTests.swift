// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct SignedValueTests {
    @Test("a signed payload comes back", arguments: [0, 1, 2, 3, 34, 500, SignedValue.maximumPayloadByteCount])
    func roundTrip(count: Int) throws {
        let keyring = try Samples.keyring("a")
        let payload = Randomness.seeded(9).bytes(count)
        for purpose in CookiePurpose.allCases {
            let value = keyring.sign(payload, for: purpose)
            #expect(value.utf8.count <= SignedValue.maximumByteCount)
            #expect(keyring.verify(value.utf8, for: purpose) == payload)
            #expect(keyring.verify(Array(value.utf8), for: purpose) == payload)
        }
    }

    @Test(
        "a value is base64url of the payload and a MAC under the purpose's own key (checklist 9)",
        arguments: CookiePurpose.allCases)
    func layout(purpose: CookiePurpose) throws {
        let root = Samples.line("a").split(separator: " ")[1]
        let key = Digest.hkdf(
            key: Key(copying: try #require(Base64URL.decode(root.utf8))),
            info: Array("ig-shop-auth/1/cookie/\(purpose)".utf8), count: 32)
        let mac = HMACSHA256(key: key).authenticate(Samples.payload)
        #expect(try Samples.keyring("a").sign(Samples.payload, for: purpose) == Base64URL.encode(Samples.payload + mac))
    }

    @Test(
        "every single flipped bit is refused, in the text and in what it stands for (checklist 8)",
        arguments: CookiePurpose.allCases)
    func flipped(purpose: CookiePurpose) throws {
        let keyring = try Samples.keyring("a", "b")
        let value = Array(keyring.sign(Samples.payload, for: purpose).utf8)
        for bit in 0..<value.count * 8 {
            #expect(keyring.verify(value.flipping(bit: bit), for: purpose) == nil)
        }
        let bytes = try #require(Base64URL.decode(value))
        for bit in 0..<bytes.count * 8 {
            #expect(keyring.verify(Base64URL.encode(bytes.flipping(bit: bit)).utf8, for: purpose) == nil)
        }
    }

    @Test("a value cut at any length, or with letters added, is refused (checklist 8)")
    func truncated() throws {
        let keyring = try Samples.keyring("a")
        let value = keyring.sign(Samples.payload, for: .session)
        for count in 0..<value.utf8.count {
            #expect(keyring.verify(value.utf8.prefix(count), for: .session) == nil)
            #expect(keyring.verify(value.utf8.dropFirst(count + 1), for: .session) == nil)
        }
        for more in ["A", "AA", "AAA", "AAAA", "=", "==", " ", ";"] {
            #expect(keyring.verify((value + more).utf8, for: .session) == nil)
            #expect(keyring.verify((more + value).utf8, for: .session) == nil)
        }
    }

    @Test("a flow cookie is no session cookie, nor the reverse (checklist 10)")
    func purposes() throws {
        let keyring = try Samples.keyring("a", "b")
        #expect(keyring.verify(keyring.sign(Samples.payload, for: .flow).utf8, for: .session) == nil)
        #expect(keyring.verify(keyring.sign(Samples.payload, for: .session).utf8, for: .flow) == nil)
    }

    @Test("the first key signs, the first two verify, the third does not but opens boxes still (checklist 31)")
    func keyOrder() throws {
        let value = try Samples.keyring("old").sign(Samples.payload, for: .session)
        let box = try Samples.keyring("old").seal(Samples.token, as: Samples.field, random: .system)
        let second = try Samples.keyring("new", "old")
        #expect(second.verify(value.utf8, for: .session) == Samples.payload)
        #expect(second.sign(Samples.payload, for: .session) != value)
        #expect(
            try Samples.keyring("new").verify(second.sign(Samples.payload, for: .session).utf8, for: .session) != nil)

        let third = try Samples.keyring("newest", "new", "old")
        #expect(third.verify(value.utf8, for: .session) == nil)
        #expect(try third.open(box, sealedAs: Samples.field, as: LongLivedToken.self) == Samples.token)
        #expect(try Samples.keyring("new").verify(value.utf8, for: .session) == nil)
    }

    @Test("a value above 4096 bytes is refused, whoever signed it (checklist 25)")
    func tooLong() throws {
        let root = Samples.line("a").split(separator: " ")[1]
        let key = Digest.hkdf(
            key: Key(copying: try #require(Base64URL.decode(root.utf8))),
            info: Array("ig-shop-auth/1/cookie/flow".utf8),
            count: 32)
        let payload = [UInt8](repeating: 1, count: SignedValue.maximumPayloadByteCount + 1)
        let value = Base64URL.encode(payload + HMACSHA256(key: key).authenticate(payload))
        #expect(value.utf8.count == SignedValue.maximumByteCount + 2)
        #expect(try Samples.keyring("a").verify(value.utf8, for: .flow) == nil)
    }

    @Test(
        "what nobody signed is refused",
        arguments: [
            "", "A", "AAAA", String(repeating: "A", count: 43), String(repeating: "A", count: 100), "a.b.c", "é",
        ])
    func foreign(value: String) throws {
        #expect(try Samples.keyring("a").verify(value.utf8, for: .flow) == nil)
    }

    @Test("many tasks sign and verify with one keyring")
    func concurrent() async throws {
        let keyring = try Samples.keyring("a", "b")
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<16 {
                group.addTask { @concurrent in
                    (0..<500).count { round in
                        let payload = Array("task \(task), round \(round)".utf8)
                        let value = keyring.sign(payload, for: .flow)
                        return keyring.verify(value.utf8, for: .flow) != payload
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
