// SPDX-License-Identifier: MIT
import Testing

/// What a person notices who comes to a page: where the focus is, what is said, what can be pressed.
extension Chromium {
    /// The id of what has the focus, or the name of its element where it has none.
    var focus: String {
        get async throws {
            try await run("const { id, localName } = document.activeElement; return id || localName") as? String ?? ""
        }
    }

    /// Waits until the address is this one, and nothing hangs on it any more.
    func settle(at address: String) async throws {
        _ = try await eventually(address) { try await url == address ? () : nil }
    }

    /// The texts of those elements that can be seen.
    func texts(_ selector: String) async throws -> [String] {
        let texts = try await run(
            """
            return [...document.querySelectorAll(arguments[0])].filter(one => one.checkVisibility())
              .map(one => one.innerText.trim())
            """, [selector])
        return texts as? [String] ?? []
    }

    /// The ids of the buttons that are filled with colour: those to press first.
    func primaryButtons() async throws -> [String] {
        let ids = try await run(
            "return [...document.querySelectorAll('main button:not(.second)')].map(button => button.id)")
        return ids as? [String] ?? []
    }

    /// Connects from the settings page as the account that Instagram's page proposes.
    func connect(_ stage: Stage, name: String = "@acme_shop") async throws {
        try await click("#connect")
        try await click("#allow")
        try await expectConnected(stage, name: name)
    }

    /// Back from Instagram with success: told where the focus is, with nothing of the way left in the address.
    func expectConnected(
        _ stage: Stage, name: String = "@acme_shop", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let welcome = try await text("[id='instagram=connected']")
        #expect(welcome == "Instagram is connected.", sourceLocation: sourceLocation)
        try await settle(at: stage.settingsPage)
        #expect(try await text("#account").contains(name), sourceLocation: sourceLocation)
        #expect(try await focus == "instagram=connected", sourceLocation: sourceLocation)
        #expect(try await texts("[role=alert]") == [], sourceLocation: sourceLocation)
    }

    /// Back with a failure: one sentence, where the focus is, and one button that leads to a connection.
    func expectWayBack(
        _ stage: Stage, says sentence: String, picture: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await expectFailure(stage, says: sentence, picture: picture, sourceLocation: sourceLocation)
        #expect(try await primaryButtons() == ["connect"], "\(picture)", sourceLocation: sourceLocation)
        try await connect(stage)
        try await expectQuiet(stage, sourceLocation: sourceLocation)
    }

    func expectFailure(
        _ stage: Stage, says sentence: String, picture: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        _ = try await text("[role=alert] p")
        try await settle(at: stage.settingsPage)
        #expect(try await texts("[role=alert] p") == [sentence], "\(picture)", sourceLocation: sourceLocation)
        #expect(try await focus == "instagram=failed", sourceLocation: sourceLocation)
        try await keep(picture)
    }

    /// No complaint in the console, where a broken policy would be told as well, and no code sent twice.
    func expectQuiet(_ stage: Stage, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let console = try await console()
        #expect(console == [], sourceLocation: sourceLocation)
        #expect(try await stage.standIn.calls().repeatedCodes == 0, sourceLocation: sourceLocation)
    }
}
