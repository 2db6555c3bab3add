// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `GET /oauth/authorize` (contract 7.1). `auto=allow` or `auto=deny` answers without the page, for scripts; with
    /// `account` and `granted` as the page would send them.
    mutating func authorize(_ call: Call) -> GatewayResponse {
        guard call.method == .get else { return .text("This route has another method.", status: .methodNotAllowed) }
        let request: ConsentRequest
        do throws(ConsentRefusal) {
            request = try ConsentRequest(call.query, to: app, of: switches.product)
        } catch {
            return error.redirect
        }
        switch switches.noRole {
        case .redirect:
            return .redirect(
                to: request.redirect("error=access_denied&error_description=Insufficient+developer+role"))
        case .page: return ConsentRefusal("Insufficient Developer Role").page
        case .off: break
        }
        guard let auto = call.query["auto"] else { return ConsentPage(request).response }
        let granted = call.query["granted"].map(Permission.list) ?? request.permissions
        return decide(auto, request, account: call.query["account"] ?? Account.all[0].username, granted: granted)
    }

    /// `POST /oauth/authorize/decision`: what the person pressed. The request is checked again.
    mutating func decide(_ call: Call) -> GatewayResponse {
        guard call.method == .post, let form = call.form else {
            return .text("The consent page posts a form here.", status: .methodNotAllowed)
        }
        do throws(ConsentRefusal) {
            let request = try ConsentRequest(form, to: app, of: switches.product)
            return decide(
                form["decision"] ?? "", request, account: form["account"] ?? "", granted: form.all("granted"))
        } catch {
            return error.redirect
        }
    }

    private mutating func decide(
        _ decision: String, _ request: ConsentRequest, account username: String, granted: [String]
    ) -> GatewayResponse {
        switch decision {
        case "deny":
            return .redirect(
                to: request.redirect(
                    "error=access_denied&error_reason=user_denied"
                        + "&error_description=The+user+denied+your+request", withState: switches.denialState))
        case "allow":
            let chosen = switches.account == Switches.chosen ? username : switches.account
            guard let account = Account.named(chosen) else {
                let names = Account.all.map(\.username).joined(separator: ", ")
                return .text("account is one of \(names)", status: .badRequest)
            }
            codesIssued += 1
            let code = "AQBx-hBsH3_\(codesIssued)"
            codes.set(
                code,
                Grant(
                    account: account, permissions: request.permissions.filter(granted.contains),
                    redirectURI: request.redirectURI, issuedAt: now))
            return .redirect(to: request.redirect("code=\(code)") + "#_")
        default:
            return .text("The decision is allow or deny.", status: .badRequest)
        }
    }
}
