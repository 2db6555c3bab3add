// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Synchronization
import Vault

extension Property {
    /// Whatever Instagram answers to one of the calls, what is taken out of it fits where it goes, and what is said
    /// about it contains none of it. The input is `HTTP 400`, header fields, an empty line and a body, as in
    /// `Tests/InstagramTests/Replies`; or a body alone.
    static let reply = Property(name: "reply") { bytes throws(Broken) in
        let reply = Reply(written: Array(bytes))
        let api = InstagramAPI(app: app, transport: Transport { _ in reply })
        let grant = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.exchange(AuthorizationCode(utf8: "code"))
        }
        if let grant {
            try promise(isToken(grant.token.exposedText()), "no token")
        }
        let extended = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.extend(ShortLivedToken(utf8: "token"))
        }
        if let extended {
            try promise(isToken(extended.token.exposedText()), "no token")
            try promise(extended.expiresIn.map { (1...315_360_000).contains($0) } ?? true, "no time")
        }
        try promise((grant == nil) == (extended == nil), "a token in one call is none in the other")
        let refreshed = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.refresh(LongLivedToken(utf8: "token"))
        }
        try promise(extended?.token == refreshed?.token, "a token in one call is none in the other")
        try promise(
            extended?.scopes == refreshed?.scopes && extended?.expiresIn == refreshed?.expiresIn, "a difference")
        let fields = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.subscribedFields(LongLivedToken(utf8: "token"))
        }
        for field in fields ?? [] {
            try promise((1...64).contains(field.utf8.count), "an empty or endless field")
            try promise(field.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ",") }, "no field's name")
        }
        _ = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.subscribe(LongLivedToken(utf8: "token"), to: ["messages"])
        }
        _ = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.unsubscribe(LongLivedToken(utf8: "token"))
        }
        let profile = try outcome(reply) { () async throws(InstagramFailure) in
            try await api.profile(LongLivedToken(utf8: "token"))
        }
        if let profile {
            try promise(InstagramID(profile.accountID.digits) != nil, "no id")
            for text in [profile.username, profile.name, profile.accountType].compactMap(\.self) {
                try promise((1...200).contains(text.unicodeScalars.count), "an empty or endless text")
                try promise(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }, "controls")
            }
            _ = profile.isPersonal
        }
        return grant != nil || profile != nil || fields != nil
    }

    private static let app = App(
        id: "1", secret: AppSecret(utf8: "secret"), redirectURI: "https://shop.example/callback")

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// The value of a call; nil where it failed, as it may.
    private static func outcome<Value: Sendable>(
        _ reply: Reply, _ call: @escaping @Sendable () async throws(InstagramFailure) -> Value
    ) throws(Broken) -> Value? {
        let ended = Mutex<Result<Value, InstagramFailure>?>(nil)
        // Nothing suspends: the answer is there already.
        Task.immediateDetached {
            do throws(InstagramFailure) {
                let value = try await call()
                ended.withLock { $0 = .success(value) }
            } catch {
                ended.withLock { $0 = .failure(error) }
            }
        }
        switch ended.withLock({ $0 }) {
        case nil: throw Broken(description: "the call is not over")
        case .success(let value):
            try promise((200...299).contains(reply.status), "a success with status \(reply.status)")
            return value
        case .failure(.transport): throw Broken(description: "the call did not arrive")
        case .failure(.answer(let call, let status, let code, let subcode, let verdict)):
            try promise(status == reply.status, "another status")
            if case .limited(_, let seconds?) = verdict {
                try promise((1...604_800).contains(seconds), "a limit of \(seconds) s")
            }
            switch verdict {
            case .dead, .checkpoint, .permissionMissing, .notEligible, .misconfigured:
                try promise(code != nil, "a connection is lost to an answer without a number")
            default: break
            }
            let numbers = [code, subcode].compactMap(\.self).map { "\($0)" }.joined()
            let said = InstagramFailure.answer(call, status: status, code: code, subcode: subcode, verdict).description
            try promise(said.utf8.count < 120 + numbers.utf8.count, "an answer is repeated: \(said)")
            return nil
        }
    }
}

extension Reply {
    /// Never nil: what has no head is a body with status 200.
    fileprivate init(written bytes: [UInt8]) {
        guard let end = bytes.indices.dropLast().first(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }) else {
            self.init(status: 200, headers: [:], body: bytes)
            return
        }
        var status = 200
        var headers = HTTPFields()
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("HTTP ") {
                status = Int(line.dropFirst(5)) ?? status
            } else if let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) {
                headers[name] = String(line[line.index(after: colon)...])
            }
        }
        self.init(status: status, headers: headers, body: Array(bytes[(end + 2)...]))
    }
}
