import GRDB
// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing
import Vault

@testable import Connect

/// Accounts over hundreds of days: the real engine and the real store, in virtual time, restarted every day and killed now
/// and then.
struct Years {
    var accounts: Int
    var days = 400
    var rule = RenewalRule()
    /// Agents ask, and have a token renewed that has less life than this, in seconds.
    var renewsWhenAsked: Int64 = 0
    /// Accounts whose person changes their password some day.
    var deaths = 0
    /// Days between two kills.
    var kills = 37

    struct Outcome {
        var lost = 0
        var calls = 0
        var young = 0
        var mostInAMinute = 0
        var kills = 0
        /// Days between the first alarm for a token that could not be renewed and its end, the fewest of all.
        var firstAlarm = Int64.max
        var fewestTries = Int.max
        /// Tokens in the database that Instagram does not take.
        var bad = 0
        var notNoticed = 0
        var appEvents = 0
    }

    func run() async throws -> Outcome {
        let time = VirtualTime()
        var outcome = Outcome()
        let cursed: Set<Int> = accounts >= 20 ? [3, 11] : []
        let begin = Shop.begin.seconds
        let instagram = SimulatedInstagram(
            time,
            .init(outage: (begin + 200 * 86_400)...(begin + 203 * 86_400), cursed: cursed))
        var directory = try TemporaryDirectory()
        var shop = try open(directory, time, instagram)
        var alarms: [Int: UnixTime] = [:]
        let dying = Set((0..<deaths).map { 20 + $0 * (accounts - 20) / max(deaths, 1) })
        for day in 0..<days {
            for account in 0..<accounts where account % 30 == day {
                instagram.account = account
                var browser = Browser()
                await shop.connect(&browser)
            }
            if let victim = dying.sorted().first(where: { ($0 * 7) % days == day && day > 40 }) {
                instagram.changePassword(victim)
            }
            try await ask(shop, on: day)
            if day % kills == kills - 1 {
                let image = try TemporaryDirectory()
                let (from, to) = (directory.path, image.path)
                weak let engine = shop.site.renewals
                instagram.kill {
                    // What a process that is killed at this very moment leaves behind.
                    let copied = system("cp '\(from)'/shop.sqlite3 '\(to)' && cp '\(from)'/shop.sqlite3-wal '\(to)'")
                    precondition(copied == 0)
                    engine?.stop()
                }
                await time.run(shop.site.renewals, until: .seconds((day + 1) * 86_400))
                if try shop.hasImage(image) {
                    outcome.kills += 1
                    directory = image
                }
                instagram.kill(nil)
                try shop.store.close()
                shop = try open(directory, time, instagram)
            }
            await time.run(shop.site.renewals, until: .seconds((day + 1) * 86_400))
            for line in shop.log.lines where line.contains("renewal keeps failing") {
                guard let user = try #/user=(\S+)/#.firstMatch(in: line)?.1,
                    let row = try shop.committed("SELECT * FROM users WHERE id = ?", [String(user)]).first,
                    let account = Self.number(row["instagram_user_id"]), alarms[account] == nil
                else { continue }
                alarms[account] = time.now
            }
            if day == 210 {
                outcome.appEvents = try shop.committed("SELECT * FROM events WHERE type = 'app_failing'").count
            }
            // A restart, in order.
            try shop.store.close()
            shop = try open(directory, time, instagram)
        }
        for row in try shop.committed("SELECT * FROM users") {
            guard let account = Self.number(row["instagram_user_id"]) else { continue }
            let expiresAt = UnixTime(row["token_expires_at"] as Int64? ?? 0)
            if cursed.contains(account) {
                outcome.firstAlarm = min(outcome.firstAlarm, (expiresAt - (alarms[account] ?? expiresAt)) / 86_400)
                outcome.fewestTries = min(outcome.fewestTries, instagram.tries(account))
            } else if instagram.isDead(account) {
                if row["state"] as String != "reconnect_required" || row["reason"] as String? != "password_changed"
                    || row["instagram_access_token"] != nil
                {
                    outcome.notNoticed += 1
                }
            } else if expiresAt <= time.now {
                outcome.lost += 1
            } else {
                let token = try User(row).token(shop.keyring).exposedText()
                if instagram.token(token).map({ $0.account == account && $0.expiresAt > time.now }) != true {
                    outcome.bad += 1
                }
            }
        }
        outcome.calls = instagram.refreshes.count
        outcome.young = instagram.young
        outcome.mostInAMinute = Self.mostInAMinute(instagram.calls)
        try shop.store.close()
        return outcome
    }

    private func open(
        _ directory: TemporaryDirectory, _ time: VirtualTime, _ instagram: SimulatedInstagram
    ) throws -> Shop {
        try Shop(
            in: directory, renewal: RenewalSettings(rule: rule, callsPerMinute: 200), time: time,
            transport: instagram.transport)
    }

    /// Some agents ask every day, some every week, some every month, some every quarter.
    private func ask(_ shop: Shop, on day: Int) async throws {
        for row in try shop.committed("SELECT id, instagram_user_id, token_expires_at FROM users") {
            guard let account = Self.number(row["instagram_user_id"]) else { continue }
            let interval = [1, 1, 1, 1, 7, 7, 7, 30, 30, 90][account % 10]
            guard (day + account) % interval == 0 else { continue }
            let left = UnixTime(row["token_expires_at"]) - shop.site.now()
            if (1..<max(renewsWhenAsked, 2)).contains(left) {
                _ = await shop.site.renewals.renew(row["id"], isAsked: true)
            }
        }
    }

    private static func number(_ id: String?) -> Int? { id.flatMap { Int($0.suffix(6)) }.map { $0 - 100_000 } }

    static func mostInAMinute(_ calls: [Duration]) -> Int {
        var most = 0
        var first = 0
        for (index, call) in calls.enumerated() {
            while call - calls[first] >= .seconds(60) { first += 1 }
            most = max(most, index - first + 1)
        }
        return most
    }
}

extension Shop {
    func hasImage(_ image: TemporaryDirectory) throws -> Bool { access(image.database, F_OK) == 0 }
}
