// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct HMACSHA256Tests {
    @Test("the MACs are those of RFC 4231", arguments: try Vectors.load("rfc4231-hmac-sha256.txt"))
    func vectors(vector: Vectors.Case) {
        let hmac = HMACSHA256(key: Key(copying: vector.bytes("Key")))
        let message = vector.bytes("Msg")
        #expect(hmac.authenticate(message) == vector.bytes("MD"))
        #expect(hmac.authenticate(message) == vector.bytes("MD"), "a second message finds the key as it was")
        #expect(message.withUnsafeBytes { hmac.authenticate($0) } == vector.bytes("MD"))
        for cut in 0...message.count {
            #expect(hmac.authenticate(Array(message[..<cut]), Array(message[cut...])) == vector.bytes("MD"))
        }
    }

    @Test("an empty key and an empty message are ones like others")
    func empty() {
        // Published: HMAC_SHA256("", "").
        let mac = hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        #expect(HMACSHA256(key: Key(copying: [])).authenticate([]) == mac)
        #expect(HMACSHA256(key: Key(copying: [])).authenticate() == mac)
    }

    @Test("many tasks that share one prepared key all get the right MAC")
    func concurrent() async {
        let hmac = HMACSHA256(key: Key(copying: Randomness.seeded(3).bytes(32)))
        let messages = (0..<64).map { Randomness.seeded(UInt64($0)).bytes($0 * 3) }
        let expected = messages.map { hmac.authenticate($0) }
        let wrong = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask { @concurrent in
                    (0..<50).reduce(0) { wrong, _ in
                        wrong + zip(messages, expected).count { hmac.authenticate($0) != $1 }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
