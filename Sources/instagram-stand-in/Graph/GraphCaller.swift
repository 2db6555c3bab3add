// SPDX-License-Identifier: MIT
import Gateway

extension World {
    /// Whom a Graph call speaks for, if its token is alive, its path the person's own, and the permission granted.
    func caller(_ call: Call, needs permission: String) throws(GraphError) -> (token: String, account: Account) {
        let (text, token) = try alive(call)
        let account = token.account
        // The app-scoped id in the path gives the same misleading text as an account that is not eligible.
        // Only Basic Display knew a path without a version.
        guard call.path.count > 1 || switches.product == .basicDisplay else {
            throw .unsupported(call.method, trace: "A1")
        }
        guard account.isEligible, call.owner == "me" || call.owner == account.igID else {
            throw .unsupported(call.method, trace: "A1")
        }
        guard token.permissions.contains(permission) else { throw .permissionRemoved }
        return (text, account)
    }

    /// The token that was presented, known here and not expired.
    func alive(_ call: Call) throws(GraphError) -> (text: String, token: Token) {
        guard let text = call.accessToken, let token = tokens[text] else { throw .garbageToken }
        guard now < token.expiresAt else { throw .expired }
        return (text, token)
    }

    /// Runs what may end in a Graph error.
    func graph(_ answer: () throws(GraphError) -> JSON) -> GatewayResponse {
        do throws(GraphError) {
            return .graph(try answer())
        } catch {
            return reply(error)
        }
    }
}
