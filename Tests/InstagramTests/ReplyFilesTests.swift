// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Vault

@Suite struct ReplyFilesTests {
    @Test("every observed reply means what its file says", arguments: ReplyFile.all)
    func observed(file: ReplyFile) async throws {
        let instagram = Answering(file.reply)
        if let verdict = Verdict(words: file.expected) {
            #expect(await instagram.verdict(of: file.call) == verdict)
        } else if let token = file.expected("token") {
            if file.call == .exchangeCode {
                let grant = try await instagram.exchange()
                #expect(grant.token.exposedText() == token)
                #expect(grant.scopes?.joined(separator: ",") == file.expected("scopes"))
            } else {
                let grant = try await file.call == .extendToken ? instagram.extend() : instagram.refresh()
                #expect(grant.token.exposedText() == token)
                if let scopes = file.expected("scopes") {
                    #expect(grant.scopes?.joined(separator: ",") == scopes)
                }
                #expect(grant.expiresIn.map(String.init) == file.expected("expires"))
            }
        } else if let fields = file.expected("fields") {
            #expect(try await instagram.subscribedFields().joined(separator: ",") == fields)
        } else if file.expected == ["done"] {
            try await file.call == .subscribe ? instagram.subscribe() : instagram.unsubscribe()
        } else {
            let account = try #require(file.expected("account"))
            let profile = try await instagram.profile()
            #expect(profile.accountID.digits == account)
            #expect(profile.appScopedID?.digits ?? "-" == file.expected("person"))
            #expect(profile.username == file.expected("name"))
            #expect(!profile.isPersonal)
        }
        #expect(instagram.calls.map(\.name) == [file.call])
    }
}
