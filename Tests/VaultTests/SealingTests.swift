// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct SealingTests {
    @Test("what was sealed opens in its place", arguments: [1, 15, 16, 17, 200, 65_536])
    func roundTrip(count: Int) throws {
        let keyring = try Samples.keyring("a")
        let secret = LongLivedToken(copying: Randomness.seeded(7).bytes(count))
        let box = try keyring.seal(secret, as: Samples.field, random: .system)
        let stored = try #require(Box(bytes: box.bytes))
        #expect(try keyring.open(stored, sealedAs: Samples.field, as: LongLivedToken.self) == secret)
    }

    @Test(
        "a box moved to another table, column, user, account or generation is refused (checklist 43)",
        arguments: [
            SealedField(table: "flows", column: "token", user: "42", instagramUserID: "1784", generation: 7),
            SealedField(table: "users", column: "other", user: "42", instagramUserID: "1784", generation: 7),
            SealedField(table: "users", column: "token", user: "43", instagramUserID: "1784", generation: 7),
            SealedField(table: "users", column: "token", user: "42", instagramUserID: "1785", generation: 7),
            SealedField(table: "users", column: "token", user: "42", instagramUserID: "1784", generation: 8),
            SealedField(table: "users", column: "token", user: "42", instagramUserID: "1784", generation: -7),
            // The same letters, cut elsewhere.
            SealedField(table: "userst", column: "oken", user: "42", instagramUserID: "1784", generation: 7),
            SealedField(table: "users", column: "token4", user: "2", instagramUserID: "1784", generation: 7),
            SealedField(table: "users", column: "token", user: "421", instagramUserID: "784", generation: 7),
            SealedField(table: "users", column: "token", user: "", instagramUserID: "421784", generation: 7),
        ])
    func moved(elsewhere: SealedField) throws {
        let keyring = try Samples.keyring("a")
        let field = SealedField(table: "users", column: "token", user: "42", instagramUserID: "1784", generation: 7)
        let box = try keyring.seal(Samples.token, as: field, random: .system)
        #expect(throws: OpenFailure.notAuthentic) {
            try keyring.open(box, sealedAs: elsewhere, as: LongLivedToken.self)
        }
        #expect(try keyring.open(box, sealedAs: field, as: LongLivedToken.self) == Samples.token)
    }

    @Test("a box with any single bit flipped is refused (checklist 44)")
    func flipped() throws {
        // The other ids are one bit away from "a": naming another key that exists does not help.
        let keyring = try Samples.keyring("a", "c", "e", "i", "q", "A")
        let box = try keyring.seal(Samples.token, as: Samples.field, random: .system)
        for bit in 0..<box.bytes.count * 8 {
            guard let flipped = Box(bytes: box.bytes.flipping(bit: bit)) else { continue }
            #expect(throws: OpenFailure.self) {
                try keyring.open(flipped, sealedAs: Samples.field, as: LongLivedToken.self)
            }
        }
    }

    @Test(
        "of 1,000 boxes, each with every bit flipped in turn, none opens, in its own place or in another's (checklist 44)"
    )
    func thousand() throws {
        let keyring = try Samples.keyring("a", "b", "c")
        let fields = (0..<1_000).map { number in
            SealedField(
                table: "users", column: "token", user: "u\(number)", instagramUserID: "\(number)",
                generation: Int64(number))
        }
        let token = LongLivedToken(utf8: "t")
        let boxes = try fields.map { try keyring.seal(token, as: $0, random: .system) }
        var opened = 0
        for (number, box) in boxes.enumerated() {
            for bit in 0..<box.bytes.count * 8 {
                guard let flipped = Box(bytes: box.bytes.flipping(bit: bit)) else { continue }
                if (try? keyring.open(flipped, sealedAs: fields[number], as: LongLivedToken.self)) != nil {
                    opened += 1
                }
            }
            let neighbour = fields[(number + 1) % fields.count]
            if (try? keyring.open(box, sealedAs: neighbour, as: LongLivedToken.self)) != nil { opened += 1 }
            // Under the name of another key of the ring.
            for id in ["b", "c"].map({ Array($0.utf8) }) {
                let renamed = Box(bytes: box.bytes.prefix(2) + id + box.bytes.dropFirst(3))
                if let renamed, (try? keyring.open(renamed, sealedAs: fields[number], as: LongLivedToken.self)) != nil {
                    opened += 1
                }
            }
        }
        #expect(opened == 0)
        for (box, field) in zip(boxes, fields) {
            #expect(try keyring.open(box, sealedAs: field, as: LongLivedToken.self) == token)
        }
    }

    @Test("a box cut at any length, or with bytes added, is refused (checklist 44)")
    func truncated() throws {
        let keyring = try Samples.keyring("a")
        let box = try keyring.seal(Samples.token, as: Samples.field, random: .system)
        for bytes in (0..<box.bytes.count).map({ Array(box.bytes.prefix($0)) }) + [box.bytes + [0]] {
            guard let cut = Box(bytes: bytes) else { continue }
            #expect(throws: OpenFailure.notAuthentic) {
                try keyring.open(cut, sealedAs: Samples.field, as: LongLivedToken.self)
            }
        }
    }

    @Test("the first key seals, and every key of the ring opens what it sealed")
    func keyOrder() throws {
        let rotated = try Samples.keyring("d", "c", "b", "a")
        for id in ["a", "b", "c", "d"] {
            let box = try Samples.keyring(id).seal(Samples.token, as: Samples.field, random: .system)
            #expect(try rotated.open(box, sealedAs: Samples.field, as: LongLivedToken.self) == Samples.token)
        }
        #expect(try rotated.seal(Samples.token, as: Samples.field, random: .system).keyID == KeyID("d"))
    }

    @Test("a box whose key is gone names it")
    func unknownKey() throws {
        let box = try Samples.keyring("lost").seal(Samples.token, as: Samples.field, random: .system)
        #expect(throws: OpenFailure.unknownKey(try #require(KeyID("lost")))) {
            try Samples.keyring("a", "b").open(box, sealedAs: Samples.field, as: LongLivedToken.self)
        }
    }

    @Test("the same id with other bytes opens nothing")
    func otherBytes() throws {
        let box = try Samples.keyring("a").seal(Samples.token, as: Samples.field, random: .system)
        let other = try Keyring(parsing: Keyring.generateLine(id: box.keyID, random: .seeded(8)).utf8)
        #expect(throws: OpenFailure.notAuthentic) {
            try other.open(box, sealedAs: Samples.field, as: LongLivedToken.self)
        }
    }

    @Test("nothing and too much are not sealed (checklist 44)")
    func limits() throws {
        let keyring = try Samples.keyring("a")
        #expect(throws: SealFailure.empty) {
            try keyring.seal(LongLivedToken(utf8: ""), as: Samples.field, random: .system)
        }
        #expect(throws: SealFailure.tooLong) {
            try keyring.seal(
                LongLivedToken(copying: repeatElement(1, count: 65_537)), as: Samples.field, random: .system)
        }
    }

    @Test("100,000 sealings repeat no nonce (checklist 42)")
    func nonces() throws {
        let keyring = try Samples.keyring("a")
        var seen: Set<[UInt8]> = []
        for _ in 0..<100_000 {
            let box = try keyring.seal(Samples.token, as: Samples.field, random: .system)
            seen.insert(Array(box.bytes[3..<15]))
        }
        #expect(seen.count == 100_000)
    }

    @Test("many tasks seal and open with one keyring")
    func concurrent() async throws {
        let keyring = try Samples.keyring("a", "b")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<16 {
                group.addTask { @concurrent in
                    let secret = LongLivedToken(utf8: "token of task \(task)")
                    for _ in 0..<200 {
                        let box = try keyring.seal(secret, as: Samples.field, random: .system)
                        #expect(try keyring.open(box, sealedAs: Samples.field, as: LongLivedToken.self) == secret)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
