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
