// SPDX-License-Identifier: MIT
import FoundationEssentials
package import Vault

/// The calls of a connection and of its life, as sentences. Each is one request; nothing here tries again.
package struct InstagramAPI: Sendable {
    package let app: App
    private let transport: Transport
    private let observe: @Sendable (Call.Name, CallOutcome, _ seconds: Double) -> Void

    /// - Parameter observe: Hears of each call that ended.
    package init(
        app: App, transport: Transport,
        observe: @escaping @Sendable (Call.Name, CallOutcome, _ seconds: Double) -> Void = { _, _, _ in }
    ) {
        self.app = app
        self.transport = transport
        self.observe = observe
    }

    /// `POST API/oauth/access_token`: a code becomes a token of one hour. The code is spent when the first byte leaves.
    package func exchange(_ code: AuthorizationCode) async throws(InstagramFailure) -> ShortLivedGrant {
        let body = Parameters()
            .adding("client_id", app.id).adding("client_secret", app.secret)
            .adding("grant_type", "authorization_code").adding("redirect_uri", app.redirectURI).adding("code", code)
        let call = Call(
            name: .exchangeCode, url: app.hosts.api + "/oauth/access_token", secret: .form(.init(copying: body.bytes)))
        let reply = try await read(TokenReply.self, call)
        return ShortLivedGrant(token: ShortLivedToken(utf8: reply.accessToken), scopes: reply.permissions)
    }

    /// `GET GRAPH/access_token`: a token of one hour becomes one of about sixty days.
    package func extend(_ token: ShortLivedToken) async throws(InstagramFailure) -> LongLivedGrant {
        let query = Parameters()
            .adding("grant_type", "ig_exchange_token").adding("client_secret", app.secret).adding("access_token", token)
        let call = Call(
            name: .extendToken, url: app.hosts.graph + "/access_token", secret: .query(.init(copying: query.bytes)))
        return LongLivedGrant(try await read(TokenReply.self, call))
    }

    /// `GET GRAPH/refresh_access_token`: a new life for a token that is a day old at least. The answer may be the same
    /// text or another one. No secret goes with it.
    package func refresh(_ token: LongLivedToken) async throws(InstagramFailure) -> LongLivedGrant {
        let query = Parameters().adding("grant_type", "ig_refresh_token").adding("access_token", token)
        let call = Call(
            name: .refreshToken, url: app.hosts.graph + "/refresh_access_token",
            secret: .query(.init(copying: query.bytes)))
        return LongLivedGrant(try await read(TokenReply.self, call))
    }

    /// `GET GRAPH/vN/me`, or without a version.
    package func profile(_ token: LongLivedToken) async throws(InstagramFailure) -> Profile {
        let query = Parameters().adding("fields", app.product.profileFields).adding("access_token", token)
        let call = Call(
            name: .readProfile, url: app.hosts.graph + app.product.profilePath(app.graphVersion),
            secret: .query(.init(copying: query.bytes)))
        return try await read(Profile.self, call)
    }

    /// `GET GRAPH/vN/me/subscribed_apps`: the webhook fields of the account that this app hears of.
    package func subscribedFields(_ token: LongLivedToken) async throws(InstagramFailure) -> [String] {
        let query = Parameters().adding("access_token", token)
        let call = Call(
            name: .readSubscription, url: subscribedApps, secret: .query(.init(copying: query.bytes)))
        return try await read(SubscriptionReply.self, call).fields(of: app.id)
    }

    /// `POST GRAPH/vN/me/subscribed_apps`, its parameters in the query. It replaces what was subscribed before, so the
    /// list has to be the whole one; made again it changes nothing.
    package func subscribe(_ token: LongLivedToken, to fields: [String]) async throws(InstagramFailure) {
        let query = Parameters()
            .adding("subscribed_fields", fields.joined(separator: ",")).adding("access_token", token)
        let call = Call(name: .subscribe, .post, url: subscribedApps, secret: .query(.init(copying: query.bytes)))
        _ = try await read(SubscribeReply.self, call)
    }

    /// `DELETE GRAPH/vN/me/subscribed_apps`: this app hears of nothing of the account any more. Made again it changes
    /// nothing.
    package func unsubscribe(_ token: LongLivedToken) async throws(InstagramFailure) {
        let query = Parameters().adding("access_token", token)
        let call = Call(name: .unsubscribe, .delete, url: subscribedApps, secret: .query(.init(copying: query.bytes)))
        _ = try await read(SubscribeReply.self, call)
    }

    private var subscribedApps: String {
        app.hosts.graph + app.product.profilePath(app.graphVersion) + "/subscribed_apps"
    }

    private func read<Answer: Decodable>(_: Answer.Type, _ call: Call) async throws(InstagramFailure) -> Answer {
        let began = ContinuousClock.now
        var outcome = CallOutcome.ok
        defer { observe(call.name, outcome, began.duration(to: .now) / .seconds(1)) }
        do throws(InstagramFailure) {
            return try await ask(Answer.self, call)
        } catch {
            outcome = error.outcome
            throw error
        }
    }

    private func ask<Answer: Decodable>(_: Answer.Type, _ call: Call) async throws(InstagramFailure) -> Answer {
        let reply: Reply
        do {
            reply = try await transport.send(call)
        } catch {
            throw .transport(call.name, error)
        }
        let body = Data(reply.body)
        let decoder = JSONDecoder()
        decoder.userInfo[.accountIDField] = app.product.accountIDField
        // A success is looked for first: an answer that gives a token gives it, whatever else stands beside it.
        let isSuccess = (200...299).contains(reply.status)
        if isSuccess, let answer = try? decoder.decode(Answer.self, from: body) { return answer }
        let error = try? JSONDecoder().decode(ErrorReply.self, from: body)
        let verdict: Verdict =
            if let error {
                error.verdict(for: call.name, reply)
            } else {
                Verdict(
                    unexplained: reply, for: call.name,
                    isObject: (try? JSONDecoder().decode(JSONObject.self, from: body)) != nil)
            }
        throw .answer(call.name, status: reply.status, code: error?.code, subcode: error?.subcode, verdict)
    }
}

/// Any JSON object.
private struct JSONObject: Decodable {
    private enum Key: CodingKey {}

    init(from decoder: any Decoder) throws {
        _ = try decoder.container(keyedBy: Key.self)
    }
}

/// A query or form under construction; its buffer is handed to a `Secret` and not kept.
private struct Parameters {
    private(set) var bytes: [UInt8] = []

    func adding(_ name: String, _ value: String) -> Parameters {
        adding(name) { PercentEncoding.append(value.utf8, to: &$0) }
    }

    func adding<Kind>(_ name: String, _ value: Secret<Kind>) -> Parameters {
        adding(name) { bytes in value.withBytes { PercentEncoding.append($0, to: &bytes) } }
    }

    private func adding(_ name: String, _ append: (inout [UInt8]) -> Void) -> Parameters {
        var copy = self
        if !copy.bytes.isEmpty { copy.bytes.append(UInt8(ascii: "&")) }
        copy.bytes += name.utf8
        copy.bytes.append(UInt8(ascii: "="))
        append(&copy.bytes)
        return copy
    }
}
