// SPDX-License-Identifier: MIT
import FoundationEssentials
package import Vault

/// The three calls of a connection, as sentences. Each is one request; nothing here tries again.
package struct InstagramAPI: Sendable {
    package let app: App
    private let transport: Transport

    package init(app: App, transport: Transport) {
        self.app = app
        self.transport = transport
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
        let reply = try await read(TokenReply.self, call)
        return LongLivedGrant(token: LongLivedToken(utf8: reply.accessToken), expiresIn: reply.expiresIn)
    }

    /// `GET GRAPH/vN/me`, or without a version.
    package func profile(_ token: LongLivedToken) async throws(InstagramFailure) -> Profile {
        let query = Parameters().adding("fields", app.product.profileFields).adding("access_token", token)
        let call = Call(
            name: .readProfile, url: app.hosts.graph + app.product.profilePath(app.graphVersion),
            secret: .query(.init(copying: query.bytes)))
        return try await read(Profile.self, call)
    }

    private func read<Answer: Decodable>(_: Answer.Type, _ call: Call) async throws(InstagramFailure) -> Answer {
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
            } else if isSuccess {
                (try? JSONDecoder().decode(JSONObject.self, from: body)) == nil ? .unintelligible : .incomplete
            } else {
                ErrorReply.verdict(byStatusOf: reply, for: call.name)
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
