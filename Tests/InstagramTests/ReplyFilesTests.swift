// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Vault

@Suite struct ReplyFilesTests {
    @Test("every observed reply means what its file says", arguments: ReplyFile.all)
    func observed(file: ReplyFile) async throws {
        let instagram = Answering(file.reply)
        if let token = file.expected("token") {
            if file.call == .exchangeCode {
                let grant = try await instagram.exchange()
                #expect(grant.token.exposedText() == token)
                #expect(grant.scopes?.joined(separator: ",") == file.expected("scopes"))
            } else {
                let grant = try await instagram.extend()
                #expect(grant.token.exposedText() == token)
                #expect(grant.expiresIn.map(String.init) == file.expected("expires"))
            }
        } else if let account = file.expected("account") {
            let profile = try await instagram.profile()
            #expect(profile.accountID.digits == account)
            #expect(profile.appScopedID?.digits ?? "-" == file.expected("person"))
            #expect(profile.username == file.expected("name"))
            #expect(!profile.isPersonal)
        } else {
            #expect(await instagram.verdict(of: file.call) == Self.verdict(file.expected))
        }
        #expect(instagram.calls.map(\.name) == [file.call])
    }

    private static func verdict(_ words: [String]) -> Verdict? {
        switch words[0] {
        case "refused": .refused
        case "unavailable": .unavailable
        case "notEligible": .notEligible
        case "permissionMissing": .permissionMissing
        case "limited": .limited(seconds: words.count > 1 ? Int(words[1]) : nil)
        case "dead": Verdict.Death(rawValue: words[1]).map(Verdict.dead)
        default: nil
        }
    }
}
