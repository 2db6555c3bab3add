// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import TestSupport
import Testing
import Vault

/// kill -9 while rows are sealed again: each row opens at any moment.
@Suite
struct ResealKillTests {
    @Test(
        "Killed at random points of sealing again, under token reads: every row opens after each, and it comes to an end"
    )
    func killed() async throws {
        try await Stage.run { stage in
            let (rows, kills) = (Soak.times(10_000, full: 100_000), 50)
            let bot = try await stage.employ([("bot", "*")])[0]
            #expect(await stage.responder?.stop() == .exit(0))
            try stage.seed(rows)
            var names = ["system"]
            func rekey() throws {
                names.append("key-\(names.count)")
                try stage.writeKeys([Stage.key(names[names.count - 1])] + stage.keyLines())
            }
            try rekey()
            try stage.startResponder()
            try await stage.ready()

            let (over, handedOut) = (Flag(), Flag())
            let readers = (0..<3).map { reader in
                Task {
                    var numbers = SeededNumbers(UInt64(reader))
                    while !over.isRaised {
                        let number = Int.random(in: 0..<rows, using: &numbers)
                        // nginx says 502 while nobody is there; whatever else is said has to be the token.
                        guard let answer = try? await stage.ask("users/u\(number)/token", key: bot),
                            ![502, 504].contains(answer.status)
                        else { continue }
                        #expect(answer.status == 200, "\(answer.text)")
                        let told = try? answer.decoded(Stage.HandedOut.self)
                        #expect(told?.accessToken == Stage.seededToken(number))
                        handedOut.raise()
                    }
                }
            }
            var numbers = SeededNumbers(50)
            for kill in 1...kills {
                let before = try stage.rows(sealedBy: names[names.count - 1])
                _ = try await eventually("some rows") {
                    try stage.rows(sealedBy: names[names.count - 1]) != before ? () : nil
                }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<20_000, using: &numbers)))
                await stage.responder?.killed()
                try stage.openAll(rows)
                // Always something to do.
                if try stage.rows(sealedBy: names[names.count - 1]) > rows * 3 / 4, kill < kills { try rekey() }
                try stage.startResponder()
            }
            try await stage.resealed(rows, with: names[names.count - 1])
            over.raise()
            for reader in readers { await reader.value }
            #expect(handedOut.isRaised)
            try stage.openAll(rows)
            #expect(try await stage.rekey(Array(stage.keyLines().prefix(1))) == ["reloaded: \(names[names.count - 1])"])
            try await stage.ready()
            try stage.openAll(rows)
            #expect(try stage.journal().allSatisfy { $0["event"] != "unreadable row" })
            #expect(try stage.kept.integrity() == "ok")
            Soak.record("`kill -9` while rows are sealed again", kills, "each of \(rows) rows opened after each")
        }
    }
}

extension Stage {
    fileprivate static func seededToken(_ number: Int) -> String { "IGAA-of-\(number)" }

    /// Connected accounts `u0`, `u1`, ..., while nobody serves the database.
    fileprivate func seed(_ count: Int) throws {
        let keyring = try kept.keyring()
        let now = Int64(Date().timeIntervalSince1970)
        try DatabaseQueue(path: database).write { db in
            let first =
                try Int64.fetchOne(
                    db, sql: "UPDATE counter SET generation = generation + ? RETURNING generation",
                    arguments: [count]) ?? 0
            for number in 0..<count {
                let (user, account, generation) = ("u\(number)", "\(17_000_000 + number)", first - Int64(number))
                let field = SealedField(
                    table: "users", column: "instagram_access_token", user: user, instagramUserID: account,
                    generation: generation)
                let box = try keyring.seal(
                    LongLivedToken(utf8: Self.seededToken(number)), as: field, random: .system)
                try db.cachedStatement(
                    sql: """
                        INSERT INTO users (id, instagram_user_id, instagram_access_token, generation, session_epoch,
                            token_issued_at, token_expires_at, state, announced, next_renewal_at, connected_at, updated_at)
                        VALUES (?, ?, ?, ?, 0, ?, ?, 'connected', 'connected', ?, ?, ?)
                        """
                ).execute(
                    arguments: [
                        user, account, Data(box.bytes), generation, now, now + 5_000_000, now + 2_500_000, now, now,
                    ])
            }
        }
    }

    fileprivate func rows(sealedBy key: String) throws -> Int {
        try look { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM users WHERE CAST(substr(instagram_access_token, 3, ?) AS TEXT) = ?",
                arguments: [key.utf8.count, key]) ?? 0
        }
    }

    fileprivate func resealed(_ count: Int, with key: String) async throws {
        _ = try await eventually("all rows sealed by \(key)", within: .seconds(120)) {
            try rows(sealedBy: key) == count ? () : nil
        }
    }

    /// Every token opens, and is the one that was sealed.
    fileprivate func openAll(_ count: Int) throws {
        let keyring = try kept.keyring()
        let tokens = try kept.users().map { try $0.token(keyring) }
        #expect(tokens.count == count)
        #expect(Set(tokens) == Set((0..<count).map(Self.seededToken)))
    }

    private func look<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: database, configuration: configuration).read(body)
    }
}
