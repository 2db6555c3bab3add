// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `POST /oauth/access_token` (contract 7.2): a code for a short-lived token. Only the body counts.
    mutating func exchangeCode(_ call: Call) -> GatewayResponse {
        do throws(FlatError) {
            guard call.method == .post, let form = call.form else { throw .missing("client_id") }
            for field in ["client_id", "client_secret", "grant_type", "redirect_uri", "code"] where form[field] == nil {
                throw .missing(field)
            }
            guard form["client_id"] == app.id else { throw .wrongClient }
            guard form["client_secret"] == app.secret else { throw .wrongSecret }
            guard form["grant_type"] == "authorization_code" else { throw .wrongGrantType }
            // Valid credentials spend the code, whatever follows.
            guard let grant = spend(form["code"]!) else { throw .codeUnknownOrUsed }
            guard form["redirect_uri"] == grant.redirectURI else { throw .redirectDiffers }
            shortTokens += 1
            let text = "IGAA_SHORT_\(shortTokens)"
            tokens.set(
                text,
                Token(
                    kind: .short, account: grant.account, permissions: grant.permissions, issuedAt: now,
                    expiresAt: now + Token.shortLife))
            return .json(answer(token: text, to: grant))
        } catch {
            return error.reply
        }
    }

    private mutating func spend(_ code: String) -> Grant? {
        guard var grant = codes[code], !grant.isUsed, now < grant.issuedAt + Grant.life else { return nil }
        grant.isUsed = true
        codes.set(code, grant)
        return grant
    }

    private func answer(token: String, to grant: Grant) -> JSON {
        let shape = switches.product == .basicDisplay ? .c : switches.tokenShape
        let id = grant.account.appScopedID
        var members: [(String, JSON)] = [("access_token", .string(token))]
        let idForm = switches.userID == .asShape ? (shape == .a ? .string : .number) : switches.userID
        members.append(("user_id", idForm == .string ? .string(id) : .number(id)))
        switch switches.permissions == .asShape ? shape.permissions : switches.permissions {
        case .string: members.append(("permissions", .string(grant.permissions.joined(separator: ","))))
        case .array: members.append(("permissions", .strings(grant.permissions)))
        case .absent, .asShape: break
        }
        return shape == .a ? ["data": [.object(members)]] : .object(members)
    }
}

extension Switches.TokenShape {
    fileprivate var permissions: Switches.PermissionsForm {
        switch self {
        case .a: .string
        case .b: .array
        case .c: .absent
        }
    }
}
