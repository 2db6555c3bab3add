// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// The same import again, and whatever else happens to the user while it runs.
@Suite struct ImportRepeatTests {
    @Test("A hundred at once are one import; again within 15 minutes it succeeds without a call, after them it is made")
    func repeats() async throws {
        let shop = try Shop.forAgents()
        let held = shop.instagram.hold(.refreshToken)
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<100 { group.addTask { await shop.importToken() } }
            await held.arrived.wait()
            held.release.fire()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 100 && Set(answers.map(\.text)).count == 1 && answers[0].status == .ok)
        #expect(shop.instagram.calls.count == 2)
        shop.clock.pass(899)
        #expect(await shop.importToken().text == answers[0].text)
        #expect(shop.instagram.calls.count == 2)
        #expect(try shop.committed("SELECT * FROM audit").count == 1)
        shop.clock.pass(2)
        #expect(await shop.importToken().status == .ok)
        #expect(shop.instagram.calls.count == 4)
    }

    @Test("Another token, another user and another wish are other imports")
    func others() {
        func id(_ token: String, _ user: String, _ switches: Bool) -> FlowID {
            FlowID(importing: LongLivedToken(utf8: token), for: user, switchesAccount: switches)
        }
        let ids: Set = [
            id("a", "b", false), id("a", "b", true), id("ab", "", false), id("", "ab", false), id("b", "a", false),
            FlowID(state: "a"), FlowID(state: "import 0 "),
        ]
        #expect(ids.count == 7 && ids.contains(id("a", "b", false)))
    }

    /// What happens between a call of the import and its answer.
    enum Meanwhile: String, CaseIterable, Sendable {
        case connected, connectedByAnother, disconnected, renewed, deauthorized
    }

    @Test(
        "Whatever happened to the user or the account meanwhile stands, and the import says so and changes nothing",
        arguments: Meanwhile.allCases, [Call.Name.readProfile, .refreshToken])
    func meanwhile(what: Meanwhile, call: Call.Name) async throws {
        let shop = try Shop.forAgents()
        if what == .disconnected || what == .renewed || what == .deauthorized { await shop.connect("anna") }
        shop.now = shop.now + 2 * 86_400
        let held = shop.instagram.hold(call)
        let running = Task { await shop.importToken() }
        await held.arrived.wait()
        shop.instagram.before(call) {}
        switch what {
        case .connected: await shop.connect("anna", token: "IGAA_newest")
        case .connectedByAnother: await shop.connect("berta", token: "IGAA_newest")
        case .disconnected:
            #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
        case .renewed: #expect(await shop.site.renewals.renew("anna", isAsked: true) == .renewed)
        case .deauthorized:
            #expect(await shop.signed(Route.deauthorize, Shop.appScoped("17841458366137975")).status == .ok)
        }
        let before = try shop.userRows()
        held.release.fire()
        let answer = await running.value
        // By then somebody else has it: that is told before the token is renewed.
        let isSeenSooner = what == .connectedByAnother && call == .readProfile
        #expect(answer.errorCode == (isSeenSooner ? "account_in_use" : "interrupted"), "\(answer.text)")
        #expect(try shop.userRows() == before)
        #expect(try shop.committed("SELECT * FROM audit WHERE action = 'import'").isEmpty)
    }

    @Test(
        "Who was let go after an import is not brought back by a late repeat of it, and is by one that is begun later")
    func late() async throws {
        let shop = try Shop.forAgents()
        #expect(await shop.importToken().status == .ok)
        #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
        #expect(await shop.importToken().errorCode == "interrupted")
        #expect(await shop.token().status == .notFound)
        shop.clock.pass(901)
        #expect(await shop.importToken().status == .ok)
        #expect(await shop.token().status == .ok)
    }

    @Test("A repeat after somebody connected tells how it is now, and leaves the newer token")
    func connectedSince() async throws {
        let shop = try Shop.forAgents()
        #expect(await shop.importToken().status == .ok)
        await shop.connect("anna", token: "IGAA_newest")
        #expect(await shop.importToken().status == .ok)
        #expect(await shop.token().accessToken == "IGAA_newest" && shop.instagram.count(.refreshToken) == 1)
    }

    @Test("What a process left that died in the middle is begun anew")
    func crash() async throws {
        let directory = try TemporaryDirectory()
        let shop = try Shop.forAgents(in: directory)
        shop.instagram.answer(.refreshToken, .failure(.stopped))
        #expect(await shop.importToken().errorCode == "interrupted")
        #expect(try shop.phases() == ["sent"])
        try shop.store.close()
        let next = try Shop.forAgents(in: directory)
        #expect(await next.importToken().status == .ok)
    }

    /// A step of the import, and a trigger that makes it fail.
    enum Step: String, CaseIterable {
        case sent = "BEFORE INSERT ON flows"
        case counter = "BEFORE UPDATE ON counter"
        case row = "BEFORE INSERT ON users"
        case event = "BEFORE INSERT ON events"
        case done = "BEFORE UPDATE ON flows WHEN NEW.phase = 'done'"
        case audit = "BEFORE INSERT ON audit"
    }

    @Test(
        "Storage that fails is 503 and half imports nothing; no token is lost by it: a repeat stores what Instagram gave",
        arguments: Step.allCases)
    func storage(step: Step) async throws {
        let shop = try Shop.forAgents()
        try shop.execute("CREATE TRIGGER broken \(step.rawValue) BEGIN SELECT RAISE(ABORT, 'canary'); END")
        for _ in 0..<2 {
            let answer = await shop.importToken()
            #expect(answer.status == .serviceUnavailable && answer.errorCode == "storage_unavailable")
        }
        let refreshes = step == .sent ? 0 : 1
        #expect(
            shop.instagram.count(.refreshToken) == refreshes, "renewed only where storage is known to work, and once")
        #expect(try shop.userRows().isEmpty && shop.committed("SELECT * FROM events").isEmpty)
        try shop.execute("DROP TRIGGER broken")
        // The old one is dead: Instagram may have taken it back with the renewal.
        if step != .sent { shop.instagram.answer(.readProfile, .success(.graph(400, code: 190))) }
        #expect(await shop.importToken().status == .ok)
        #expect(await shop.token().accessToken == ScriptedInstagram.longToken + "_1")
        #expect(shop.instagram.count(.refreshToken) == 1)
    }

    @Test("What the store did not take is nobody's after the user was let go, and forgotten after 15 minutes")
    func heldNoMore() async throws {
        for isLetGo in [true, false] {
            let shop = try Shop.forAgents()
            await shop.connect("anna")
            shop.clock.pass(1)
            try shop.execute(
                "CREATE TRIGGER broken BEFORE UPDATE ON flows WHEN NEW.phase = 'done' BEGIN SELECT RAISE(ABORT, ''); END"
            )
            #expect(await shop.importToken().errorCode == "storage_unavailable")
            try shop.execute("DROP TRIGGER broken")
            if isLetGo {
                #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
                #expect(await shop.token().status == .notFound)
            } else {
                shop.clock.pass(901)
            }
            let id = FlowID(
                importing: LongLivedToken(utf8: Shop.importedToken), for: "anna", switchesAccount: false)
            #expect(shop.site.imports.held(id, now: shop.clock.now.uptime) == nil)
        }
    }

    @Test("A database that cannot be read is 503, and nobody is asked")
    func unreadable() async throws {
        let shop = try Shop.forAgents()
        try shop.execute("ALTER TABLE flows RENAME TO hidden")
        #expect(await shop.importToken().errorCode == "storage_unavailable")
        #expect(shop.instagram.calls.isEmpty)
    }

    @Test("A process that is about to end begins no import")
    func stopping() async throws {
        let shop = try Shop.forAgents()
        shop.site.beginStopping()
        let answer = await shop.importToken()
        #expect(answer.status == .serviceUnavailable && answer.errorCode == "busy" && answer.isBetterLeft)
        #expect(shop.instagram.calls.isEmpty)
    }
}
