// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Vault

/// What is in the database, read by another process than the one that serves it.
struct Kept: Sendable {
    struct Row: Sendable {
        let id: String
        let account: String?
        let username: String?
        let state: String
        let generation: Int64
        let scopes: String?
        let box: [UInt8]?

        /// Opens the sealed token, which proves that all parts of the row belong together.
        func token(_ keyring: Keyring) throws -> String {
            guard let box = box.flatMap(Box.init), let account else { throw Missing("\(id) has no box") }
            let field = SealedField(
                table: "users", column: "instagram_access_token", user: id, instagramUserID: account,
                generation: generation)
            return try keyring.open(box, sealedAs: field, as: LongLivedToken.self).exposedText()
        }
    }

    let path: String
    let keysPath: String

    func keyring() throws -> Keyring { try Keyring(parsing: Array(Data(contentsOf: URL(fileURLWithPath: keysPath)))) }

    func users() throws -> [Row] {
        try read { db in
            try GRDB.Row.fetchAll(db, sql: "SELECT * FROM users ORDER BY generation").map { row in
                Row(
                    id: row["id"], account: row["instagram_user_id"], username: row["instagram_username"],
                    state: row["state"], generation: row["generation"], scopes: row["scopes"],
                    box: (row["instagram_access_token"] as Data?).map(Array.init))
            }
        }
    }

    /// The boxes of accounts whose letting go is not finished.
    func departing() throws -> [[UInt8]] {
        try read { db in
            try Data.fetchAll(db, sql: "SELECT box FROM letting_go WHERE webhooks IS NULL AND box NOT NULL")
                .map(Array.init)
        }
    }

    /// Phase and outcome of the flow of a state.
    func flow(_ state: String) throws -> (phase: String, outcome: String?)? {
        let id = Data(Digest.sha256(state.utf8))
        return try read { db in
            try GRDB.Row.fetchOne(db, sql: "SELECT phase, outcome FROM flows WHERE id = ?", arguments: [id]).map {
                (phase: $0["phase"], outcome: $0["outcome"])
            }
        }
    }

    /// Phase and outcome of every flow.
    func flows() throws -> Flows {
        try read { db in
            var flows = Flows()
            for row in try GRDB.Row.fetchAll(db, sql: "SELECT id, phase, outcome FROM flows") {
                flows.all[Array(row["id"] as Data)] = (phase: row["phase"], outcome: row["outcome"])
            }
            return flows
        }
    }

    struct Flows {
        fileprivate(set) var all: [[UInt8]: (phase: String, outcome: String?)] = [:]

        subscript(state: String) -> (phase: String, outcome: String?)? { all[Digest.sha256(state.utf8)] }

        func isConnected(_ state: String) -> Bool {
            self[state]?.phase == "done" && self[state]?.outcome == "connected"
        }
    }

    func integrity() throws -> String? {
        try read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration).read(body)
    }
}
