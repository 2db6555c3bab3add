// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Synchronization
import Vault

/// An Instagram that gives one answer to everything and remembers what it was asked.
final class Answering: Sendable {
    private let answer: Result<Reply, TransportFailure>
    private let asked = Mutex<[Call]>([])

    convenience init(_ body: String) { self.init(200, body) }

    init(_ status: Int, _ body: String, headers: [String: String] = [:]) {
        var fields = HTTPFields()
        for (name, value) in headers { fields[HTTPField.Name(name)!] = value }
        answer = .success(Reply(status: status, headers: fields, body: Array(body.utf8)))
    }

    init(bytes: [UInt8]) {
        answer = .success(Reply(status: 200, headers: [:], body: bytes))
    }

    init(_ reply: Reply) { answer = .success(reply) }

    init(failing failure: TransportFailure) { answer = .failure(failure) }

    var calls: [Call] { asked.withLock { $0 } }

    func api(_ app: App = .sample) -> InstagramAPI {
        InstagramAPI(
            app: app,
            transport: Transport { call throws(TransportFailure) in
                self.asked.withLock { $0.append(call) }
                return try self.answer.get()
            })
    }

    func exchange() async throws(InstagramFailure) -> ShortLivedGrant {
        try await api().exchange(AuthorizationCode(utf8: "AQBx-hBsH3_1"))
    }

    func extend() async throws(InstagramFailure) -> LongLivedGrant {
        try await api().extend(ShortLivedToken(utf8: "IGAA_SHORT_1"))
    }

    func profile() async throws(InstagramFailure) -> Profile {
        try await api().profile(LongLivedToken(utf8: "IGAA_LONG_1"))
    }

    func refresh() async throws(InstagramFailure) -> LongLivedGrant {
        try await api().refresh(LongLivedToken(utf8: "IGAA_LONG_1"))
    }

    func subscribedFields() async throws(InstagramFailure) -> [String] {
        try await api().subscribedFields(LongLivedToken(utf8: "IGAA_LONG_1"))
    }

    func subscribe(to fields: [String] = ["messages", "comments"]) async throws(InstagramFailure) {
        try await api().subscribe(LongLivedToken(utf8: "IGAA_LONG_1"), to: fields)
    }

    func unsubscribe() async throws(InstagramFailure) {
        try await api().unsubscribe(LongLivedToken(utf8: "IGAA_LONG_1"))
    }

    /// The verdict of one of the calls; nil where it succeeded.
    func verdict(of name: Call.Name) async -> Verdict? {
        do throws(InstagramFailure) {
            switch name {
            case .exchangeCode: _ = try await exchange()
            case .extendToken: _ = try await extend()
            case .readProfile: _ = try await profile()
            case .refreshToken: _ = try await refresh()
            case .readSubscription: _ = try await subscribedFields()
            case .subscribe: try await subscribe()
            case .unsubscribe: try await unsubscribe()
            }
            return nil
        } catch {
            guard case .answer(name, _, _, _, let verdict) = error else { return nil }
            return verdict
        }
    }
}

extension App {
    /// The fixture of the wire contract (section 7).
    static let sample = App(
        id: "990602627938098", secret: AppSecret(utf8: "test_instagram_app_secret"),
        redirectURI: "https://app.example.com/oauth/instagram/callback")
}

extension Call.Name {
    /// The app's secret goes with them.
    static let secretive: [Call.Name] = [.exchangeCode, .extendToken]
    static let secretless: [Call.Name] = [
        .readProfile, .refreshToken, .readSubscription, .subscribe, .unsubscribe,
    ]
    static let givingTokens: [Call.Name] = [.exchangeCode, .extendToken, .refreshToken]
}

extension Call {
    /// The secret half as text.
    var text: String {
        switch secret {
        case .query(let query): query.exposedText()
        case .form(let form): form.exposedText()
        }
    }
}
