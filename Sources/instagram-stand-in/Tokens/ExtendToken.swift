// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `GET /access_token` (contract 7.3): a short-lived token for a long-lived one.
    mutating func extendToken(_ call: Call) -> GatewayResponse {
        do throws(GraphError) {
            guard call.method == .get, call.query["grant_type"] == "ig_exchange_token" else {
                throw .unsupported(call.method, trace: "A1")
            }
            guard call.query["client_secret"] == app.secret else { throw .wrongSecret }
            let (_, short) = try alive(call)
            guard short.kind == .short else { throw .alreadyLong }
            guard short.account.isEligible else { throw .unsupported(call.method, trace: "A1") }
            let text = issueLongToken(like: short, life: Token.longLife)
            return .graph([
                "access_token": .string(text), "token_type": "bearer", "expires_in": .int(Token.longLife),
            ])
        } catch {
            return reply(error)
        }
    }

    mutating func issueLongToken(like token: Token, life: Int) -> String {
        longTokens += 1
        let text = "IGAA_LONG_\(longTokens)"
        tokens.set(
            text,
            Token(
                kind: .long, account: token.account, permissions: token.permissions, issuedAt: now,
                expiresAt: now + life))
        return text
    }
}
