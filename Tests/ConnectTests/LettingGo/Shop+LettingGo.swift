// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import TestSupport

@testable import Connect

extension Shop {
    static let ours = ["Sec-Fetch-Site": "same-origin"]
    /// The app-scoped id of an account of `ScriptedInstagram`.
    static func appScoped(_ account: String) -> String { "9" + account }

    func disconnect(_ browser: Browser, _ headers: [String: String] = ours) async -> Answer {
        await answer(.json(.post, Route.disconnect, browser, headers))
    }

    /// What Meta posts: for an account's id or its app-scoped one, issued now if nothing else is said.
    func signed(
        _ path: String, _ id: String, issuedAt: UnixTime? = nil, secret: String = appSecret
    ) async -> Answer {
        let text = MetaSignature.signedRequest(userID: id, issuedAt: (issuedAt ?? now).seconds, secret: secret)
        return await post(path, text)
    }

    func post(
        _ path: String, _ signed: String, type: String = "application/x-www-form-urlencoded"
    ) async -> Answer {
        await answer(
            .making(.post, path, Browser(), ["Content-Type": type], body: Array("signed_request=\(signed)".utf8)))
    }

    /// Rows of the user table, one line each: id, account and state.
    func users() throws -> [String] {
        try committed("SELECT * FROM users ORDER BY generation").map { row in
            "\(row["instagram_user_id"] as String? ?? "-") \(row["state"] as String)"
        }
    }

    func eventTypes() throws -> [String] { try committed("SELECT type FROM events ORDER BY seq").map { $0["type"] } }

    func auditActions() throws -> [String] {
        try committed("SELECT action FROM audit ORDER BY id").map { $0["action"] }
    }

    /// Every byte of the database and of its log.
    func bytes() throws -> Data {
        var all = try Data(contentsOf: URL(fileURLWithPath: directory.database))
        if let log = try? Data(contentsOf: URL(fileURLWithPath: directory.database + "-wal")) { all += log }
        return all
    }
}

extension Route {
    static let disconnect = "/auth/instagram/disconnect"
    static let deauthorize = "/auth/instagram/deauthorize"
    static let dataDeletion = "/auth/instagram/data-deletion"
}
