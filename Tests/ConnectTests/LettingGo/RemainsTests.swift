// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

/// SQLite overwrites what is deleted, and where it moves a row to another page it leaves a copy behind: with many rows that
/// grow and shrink, pages are full of them.
@Suite struct RemainsTests {
    @Test("An account that another takes the place of, and one that passes to another user, leave no byte behind")
    func replaced() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841458366137001", token: "OLD")
        await shop.connect("bert", account: "17841458366137002", token: "DEAD")
        let boxes = try shop.committed("SELECT instagram_access_token FROM users ORDER BY id").map { row in
            Array(row["instagram_access_token"] as Data)
        }
        await shop.connect("anna", account: "17841458366137003", token: "NEW")
        // Something that a person had to clear: the token is kept, and nobody is handed it.
        let bert = try #require(await shop.store.user("bert"))
        try await shop.store.lose(bert, .checkpoint, next: shop.now + 86_400, now: shop.now)
        await shop.connect("carla", account: "17841458366137002", token: "HERS")
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        let bytes = try shop.bytes()
        for box in boxes {
            for start in stride(from: 3, to: box.count - 12, by: 12) {
                #expect(bytes.range(of: Data(box[start..<start + 12])) == nil)
            }
        }
        #expect(shop.instagram.count(.unsubscribe) == 1, "carla's account keeps its webhooks")
        #expect(shop.instagram.calls.last { $0.name == .unsubscribe }?.secret.contains("OLD") == true)
        #expect(await shop.token("anna").accessToken == "NEW")
        #expect(await shop.token("bert").status == .notFound)
        #expect(await shop.token("carla").accessToken == "HERS")
        #expect(
            await shop.events("?after=0").eventTypes.filter { $0.hasPrefix("disconnected") } == [
                "disconnected anna", "disconnected bert",
            ])
    }

    @Test("Among hundreds of accounts that come, are renewed and go, no byte of those that went is left anywhere")
    func churn() async throws {
        let shop = try Shop.forAgents()
        var numbers = SeededNumbers(17)
        let count = 300
        var boxes: [String: [[UInt8]]] = [:]
        func note(_ user: String) throws {
            let row = try shop.committed("SELECT instagram_access_token FROM users WHERE id = ?", [user])
            if let box = row.first?["instagram_access_token"] as Data? { boxes[user, default: []].append(Array(box)) }
        }
        for number in 0..<count {
            let token = "TOKEN_" + String(repeating: "x", count: Int.random(in: 120...260, using: &numbers))
            await shop.connect("u\(number)", account: SimulatedInstagram.id(number), token: token)
            try note("u\(number)")
        }
        shop.now = shop.now + 3 * 86_400
        for number in (0..<count).shuffled(using: &numbers).prefix(150) {
            // Longer than the one before: its page has no room for it.
            let token = "RENEWED_" + String(repeating: "y", count: Int.random(in: 200...500, using: &numbers))
            shop.instagram.answer(
                .refreshToken, .success(.ok(#"{"access_token":"\#(token)","expires_in":5183944}"#)))
            _ = await shop.site.renewals.renew("u\(number)", isAsked: true)
            try note("u\(number)")
        }
        let leavers = Array((0..<count).shuffled(using: &numbers).prefix(120))
        for (place, number) in leavers.enumerated() {
            if place % 2 == 0 {
                _ = await shop.ask("/agent/v1/users/u\(number)/disconnect", .post)
            } else {
                _ = await shop.signed(Route.dataDeletion, SimulatedInstagram.id(number))
            }
        }
        func left() throws -> [String] {
            let bytes = try shop.bytes()
            return leavers.flatMap { number in
                boxes["u\(number)", default: []].flatMap { box in
                    // Behind the name of the key all of it is random; a piece of sixteen bytes is nobody else's.
                    stride(from: 3, to: box.count - 16, by: 16).compactMap { start in
                        bytes.range(of: Data(box[start..<start + 16])).map { "u\(number) at \($0.lowerBound)" }
                    }
                }
            }
        }
        _ = try await shop.store.truncateLog()
        #expect(try !left().isEmpty, "without writing the file anew copies are left")
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try left() == [])
        let bytes = try shop.bytes()
        for (place, number) in leavers.enumerated() where place % 2 == 1 {
            #expect(bytes.range(of: Data(SimulatedInstagram.id(number).utf8)) == nil)
        }
        for number in 0..<count where !leavers.contains(number) {
            #expect(await shop.token("u\(number)").status == .ok)
        }
    }
}
