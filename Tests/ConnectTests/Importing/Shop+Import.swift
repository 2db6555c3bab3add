// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram

@testable import Connect

extension Shop {
    static let importedToken = "IGAA_imported_canary"

    func importToken(
        _ token: String = importedToken, for user: String = "anna", as agent: String = "bot", switching: Bool = false
    ) async -> Answer {
        await ask(
            "/agent/v1/users/\(user)/import", as: agent, .post, type: "application/json",
            body: #"{"access_token":"\#(token)","switch_account":\#(switching)}"#)
    }

    /// Instagram was asked nothing but these.
    func asked(_ names: String) -> Bool {
        instagram.names.map(\.rawValue).joined(separator: " ") == names
    }

    func userRows() throws -> [Row] { try committed("SELECT * FROM users ORDER BY id") }
}

extension Answer {
    var reason: String? { json["reason"] as? String }
    var retryAfter: Int? { fields[.retryAfter].flatMap { Int($0) } }
}
