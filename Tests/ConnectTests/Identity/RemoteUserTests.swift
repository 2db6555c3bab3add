// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// A shop behind a login of its own: nginx says who is here.
struct Staff {
    let shop: Shop

    init(loginURL: String? = nil, product: InstagramProduct = .instagramLogin) throws {
        shop = try Shop(
            product: product, identity: .remoteUser(edge: EdgeSecret(utf8: Shop.edge)), loginURL: loginURL)
    }

    @discardableResult
    func start(_ browser: inout Browser, as user: String?, query: String = "") async -> Answer {
        let answer = await shop.answer(.json(.get, Route.start + query, browser), as: user)
        browser.take(answer)
        return answer
    }

    func callback(_ browser: Browser, state: String?, as user: String?, code: String = Shop.code) async -> Answer {
        await shop.answer(.json(.get, Route.callback + "?code=\(code)&state=\(state ?? "")", browser), as: user)
    }

    func connect(_ user: String, account: String? = nil, query: String = "") async -> Answer {
        if let account { shop.instagram.account = account }
        var browser = Browser()
        let state = await start(&browser, as: user, query: query).state
        return await callback(browser, state: state, as: user)
    }

    func status(_ user: String?) async -> Answer { await shop.answer(.json(.get, Route.status), as: user) }

    /// User and account of each row.
    func rows() throws -> [String: String] {
        let rows = try shop.committed("SELECT id, instagram_user_id FROM users")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0["id"], $0["instagram_user_id"] ?? "none") })
    }
}

@Suite struct RemoteUserTests {
    private static let (one, two) = ("17841458366137975", "17841460912345671")

    @Test("a connection belongs to the user whom nginx names, and no session cookie is set")
    func connects() async throws {
        let staff = try Staff()
        let answer = await staff.connect("42/shop-a")
        #expect(answer.status == .ok && answer.json["instagram_user_id"] as? String == Self.one)
        #expect(answer.cookies.isEmpty)
        #expect(try staff.rows() == ["42/shop-a": Self.one])
        #expect(await staff.status("42/shop-a").json["connected"] as? Bool == true)
        #expect(await staff.status("42/shop-b").json["state"] as? String == "not_connected")
    }

    @Test(
        "who is not proven by the edge secret is nobody, on every route",
        arguments: [
            nil, "", "x", String(Shop.edge.dropLast()), Shop.edge + "A", Shop.edge.lowercased(), Shop.edge + "\0",
        ])
    func edge(_ edge: String?) async throws {
        let staff = try Staff()
        for page in [false, true] {
            for path in [Route.start, Route.callback + "?code=a&state=b", Route.status, Route.settings] {
                let request: Request = page ? .page(.get, path) : .json(.get, path)
                let answer = await staff.shop.answer(request, as: "alice", edge: edge)
                #expect(answer.error == .loginRequired && answer.cookies.isEmpty)
                #expect(answer.status == (page && path.hasPrefix(Route.callback) ? .seeOther : .unauthorized))
            }
        }
        let ours = ["Sec-Fetch-Site": "same-origin"]
        #expect(
            await staff.shop.answer(.json(.post, Route.start, Browser(), ours), as: "alice", edge: edge).status
                == .unauthorized)
        #expect(staff.shop.instagram.calls.isEmpty)
    }

    @Test(
        "a name that is none is nobody",
        arguments: [nil, "", "a\0b", "a\nb", "\u{7f}", "a\u{85}", "\u{FFFD}", String(repeating: "u", count: 129)])
    func names(_ name: String?) async throws {
        #expect(await (try Staff()).status(name).status == .unauthorized)
    }

    @Test(
        "names are compared byte for byte",
        arguments: ["alice ", "Alice", "alic\u{65}\u{301}", "a", String(repeating: "u", count: 128), "ß", "42/shop-a"])
    func exactNames(_ name: String) async throws {
        let staff = try Staff()
        #expect(await staff.connect(name).status == .ok)
        #expect(await staff.status(name).json["connected"] as? Bool == true)
        for other in ["alice", "alic\u{e9}", name + "x"] {
            #expect(await staff.status(other).json["connected"] as? Bool != true)
        }
    }

    @Test("a flow that one user began is nobody else's to finish, also in the same browser (checklist 4)")
    func otherUsersFlow() async throws {
        let staff = try Staff()
        var browser = Browser()
        let state = await staff.start(&browser, as: "alice").state
        for user in ["bob", "Alice", "alice "] {
            let answer = await staff.callback(browser, state: state, as: user)
            #expect(answer.error == .invalidState && answer.status == .badRequest)
        }
        #expect(await staff.callback(browser, state: state, as: nil).error == .loginRequired)
        #expect(staff.shop.instagram.calls.isEmpty)
        #expect(await staff.callback(browser, state: state, as: "alice").status == .ok)
        #expect(await staff.callback(browser, state: state, as: "bob").error == .invalidState, "nor to repeat")
        #expect(staff.shop.instagram.count(.exchangeCode) == 1)
    }

    @Test("a flow of the other identity counts for nothing")
    func otherIdentity() async throws {
        let (staff, shop) = (try Staff(), try Shop())
        var browser = Browser()
        let anonymous = await shop.start(&browser).state
        #expect(await staff.callback(browser, state: anonymous, as: "alice").error == .invalidState)
        let named = await staff.start(&browser, as: "alice").state
        #expect(await shop.callback(browser, state: named).error == .invalidState)
        #expect(await shop.answer(.json(.get, Route.status, browser), as: "alice").json["connected"] as? Bool == false)
    }

    @Test("one user, one account: another one is account_mismatch, and nothing is stored")
    func mismatch() async throws {
        let staff = try Staff()
        _ = await staff.connect("alice", account: Self.one)
        let before = try staff.shop.committed("SELECT * FROM users")
        var browser = Browser()
        staff.shop.instagram.account = Self.two
        let state = await staff.start(&browser, as: "alice").state
        for _ in 1...2 {
            let answer = await staff.callback(browser, state: state, as: "alice")
            #expect(answer.status == .conflict && answer.json["error"] as? String == "account_mismatch")
        }
        #expect(try staff.shop.committed("SELECT * FROM users") == before)
        #expect(staff.shop.instagram.count(.exchangeCode) == 2, "a repeat gets the outcome")
    }

    @Test("the flow that said switch_account lets the old account go")
    func switches() async throws {
        let staff = try Staff()
        _ = await staff.connect("alice", account: Self.one)
        #expect(await staff.connect("alice", account: Self.two, query: "?switch_account=1").status == .ok)
        #expect(try staff.rows() == ["alice": Self.two])
        let row = try #require(try await staff.shop.store.user("alice"))
        #expect(try row.token(staff.shop.keyring).exposedText() == ScriptedInstagram.longToken)
        let ids = try staff.shop.committed("SELECT instagram_app_scoped_id FROM users")
        #expect(ids.map { $0[0] } == ["9" + Self.two], "nothing of the old account is left in the row")
        #expect(await staff.connect("bob", account: Self.one).status == .ok, "it is free for somebody else")
    }

    @Test(
        "the same account again, with and without switch_account, is connected anew",
        arguments: ["", "?switch_account=1"])
    func again(query: String) async throws {
        let staff = try Staff()
        _ = await staff.connect("alice")
        let first = try #require(try await staff.shop.store.user("alice")).generation
        #expect(await staff.connect("alice", query: query).status == .ok)
        #expect(try #require(try await staff.shop.store.user("alice")).generation > first)
    }

    @Test(
        "an account of a connected user is account_in_use for everybody else (checklist 20)",
        arguments: ["", "?switch_account=1"])
    func inUse(query: String) async throws {
        let staff = try Staff()
        _ = await staff.connect("alice", account: Self.one)
        _ = await staff.connect("bob", account: Self.two)
        let before = try staff.shop.committed("SELECT * FROM users")
        for user in ["bob", "carol"] {
            let answer = await staff.connect(user, account: Self.one, query: query)
            let expected: ErrorCode = user == "bob" && query.isEmpty ? .accountMismatch : .accountInUse
            #expect(answer.status == .conflict && answer.error == expected)
        }
        #expect(try staff.shop.committed("SELECT * FROM users") == before)
    }

    @Test(
        "an account whose user is not connected passes to the one who connects it",
        arguments: ["state = 'not_connected'", "state = 'reconnect_required'", "token_expires_at = 1767225600"])
    func passes(change: String) async throws {
        let staff = try Staff()
        _ = await staff.connect("alice", account: Self.one)
        try staff.shop.execute("UPDATE users SET \(change)")
        #expect(await staff.connect("bob", account: Self.one).status == .ok)
        #expect(try staff.rows() == ["alice": "none", "bob": Self.one])
        #expect(await staff.status("alice").json["state"] as? String == "not_connected")
        let left = try staff.shop.committed("SELECT * FROM users WHERE id = 'alice'")[0]
        let kept: Set = [
            "id", "generation", "session_epoch", "state", "renewal_failures", "updated_at", "announced",
            "webhooks_failures", "webhooks_told",
        ]
        #expect(Set(left.filter { !$0.1.isNull }.map(\.0)) == kept)
        #expect(await staff.connect("alice", account: Self.one).error == .accountInUse)
    }

    @Test("a user whose own connection needs renewing does not slip to another account")
    func deadConnectionKeepsItsAccount() async throws {
        let staff = try Staff()
        _ = await staff.connect("alice", account: Self.one)
        try staff.shop.execute("UPDATE users SET state = 'reconnect_required', reason = 'revoked'")
        #expect(await staff.connect("alice", account: Self.two).error == .accountMismatch)
        #expect(await staff.connect("alice", account: Self.one).status == .ok)
    }

    @Test("two users who connect one account at once: one has it, the other is told")
    func race() async throws {
        let staff = try Staff()
        let answers = await withTaskGroup(of: Answer.self) { group in
            for number in 1...20 { group.addTask { await staff.connect("user-\(number)") } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0.status == .ok } == 1)
        #expect(answers.count { $0.error == .accountInUse } == 19)
        #expect(try staff.rows().count == 1)
    }

    @Test(
        "the page of nobody asks for a login, with a link where there is one",
        arguments: [nil, "/login", "https://shop.example/in?a=1&b=\"2"])
    func loginPage(url: String?) async throws {
        let staff = try Staff(loginURL: url)
        let answer = await staff.shop.answer(.page(.get, Route.settings), as: nil)
        #expect(answer.status == .unauthorized && answer.text.contains("Please sign in first."))
        #expect(answer.text.contains("Sign in</a>") == (url != nil))
        if url == "/login" { #expect(answer.text.contains("href=\"/login\"")) }
        #expect(!answer.text.contains("\"2"))
    }

    @Test("the page of a user offers no sign-out, and the route is not there")
    func noSignOut() async throws {
        let staff = try Staff()
        _ = await staff.connect("alice")
        let page = await staff.shop.answer(.page(.get, Route.settings), as: "alice")
        #expect(page.status == .ok && page.text.contains("@acme_shop") && !page.text.contains("sign-out"))
        let ours = ["Sec-Fetch-Site": "same-origin"]
        let answer = await staff.shop.answer(.json(.post, Route.signOut, Browser(), ours), as: "alice")
        #expect(answer.status == .notFound)
    }

    @Test("five flows with the longest names and paths stay within a browser's and nginx's limits (checklist 25)")
    func sizes() async throws {
        let staff = try Staff()
        var browser = Browser()
        let path = "/" + String(repeating: "x", count: 511)
        for _ in 1...6 {
            await staff.start(&browser, as: String(repeating: "u", count: 128), query: "?return_to=\(path)")
        }
        #expect(browser.flows.count == 5)
        #expect(browser.header!.utf8.count <= 8_192 - 2_048)
    }

    @Test("the edge secret is in no answer and no log line")
    func canary() async throws {
        let staff = try Staff()
        let answers = [await staff.connect("alice"), await staff.status("alice"), await staff.status(nil)]
        for answer in answers { #expect(!answer.everything.contains(Shop.edge)) }
        #expect(!staff.shop.log.lines.joined().contains(Shop.edge))
    }
}
