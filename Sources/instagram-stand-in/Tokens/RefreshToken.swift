// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `GET /refresh_access_token` (contract 7.4). The old token stays valid until it expires.
    mutating func refreshToken(_ call: Call) -> GatewayResponse {
        do throws(GraphError) {
            guard call.method == .get, call.query["grant_type"] == "ig_refresh_token" else {
                throw .unsupported(call.method, trace: "B1")
            }
            var (text, token) = try alive(call)
            guard token.permissions.contains(Permission.profile(of: switches.product)) else { throw .permissionRemoved }
            guard token.kind == .long, token.account.isEligible, now - token.issuedAt >= Token.youth else {
                throw .unsupported(call.method, trace: "B1")
            }
            if switches.refreshSameToken {
                token.issuedAt = now
                token.expiresAt = now + Token.refreshedLife
                tokens.set(text, token)
            } else {
                text = issueLongToken(like: token, life: Token.refreshedLife)
            }
            var members: [(String, JSON)] = [
                ("access_token", .string(text)), ("token_type", "bearer"),
                ("expires_in", .int(Token.refreshedLife)),
            ]
            if switches.refreshPermissions {
                members.append(("permissions", .string(token.permissions.joined(separator: ","))))
            }
            return .graph(.object(members))
        } catch {
            return reply(error)
        }
    }
}
