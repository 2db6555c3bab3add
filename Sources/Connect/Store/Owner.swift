// SPDX-License-Identifier: MIT
import GRDB
import Instagram

/// Whose row a connection goes to. Decided inside the transaction that keeps it.
enum Owner: Sendable {
    /// The user *is* the account: the row that has it, or a new one under this name.
    case account(newUser: String)
    /// This user and nobody else (identity `remote-user`): one user, one account.
    case user(String, switchesAccount: Bool)

    /// Whether who connects is signed in by that.
    var isSignedIn: Bool {
        if case .account = self { true } else { false }
    }

    /// Whether the account, or the user, got a token after that.
    func hasGrant(newerThan began: Int64, of account: String, _ db: Database) throws -> Bool {
        var user: String?
        if case .user(let name, _) = self { user = name }
        return try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM users WHERE (id = ? OR instagram_user_id = ?)
                        AND generation > ? AND instagram_access_token NOT NULL)
                    """), arguments: [user, account, began]) ?? false
    }

    /// Whether the account, or the user, was connected after that. A renewal since is no connection.
    func hasConnection(after time: UnixTime, of account: String, _ db: Database) throws -> Bool {
        var user: String?
        if case .user(let name, _) = self { user = name }
        return try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM users WHERE (id = ? OR instagram_user_id = ?)
                        AND connected_at > ? AND instagram_access_token NOT NULL)
                    """), arguments: [user, account, time.seconds]) ?? false
    }

    /// The user whose row takes the account. Frees the account from a user who is not connected any more, and the row
    /// from the account that was connected to it.
    ///
    /// - Parameter letGo: Gets who loses an account by that; their rows are as `Store.depart` leaves them.
    func take(
        _ account: String, now: UnixTime, letGo: inout [User], _ db: Database
    ) throws -> Result<String, ErrorCode> {
        let holder = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM users WHERE instagram_user_id = ?"), arguments: [account]
        ).map(User.init)
        switch self {
        case .account(let newUser):
            return .success(holder?.id ?? newUser)
        case .user(let user, let switchesAccount):
            let own = try Store.user(user, db)
            if let own, own.isConnected, own.instagramUserID != account {
                if !switchesAccount { return .failure(.accountMismatch) }
                letGo.append(own)
            }
            if let holder, !holder.id.utf8.elementsEqual(user.utf8) {
                let isAlive = holder.state == "connected" && (holder.tokenExpiresAt.map { $0 > now } ?? false)
                if isAlive { return .failure(.accountInUse) }
                letGo.append(holder)
            }
            return .success(user)
        }
    }
}

extension User {
    /// Has an account, also one that has to be connected again.
    var isConnected: Bool { state != StatusObject.State.notConnected.rawValue }
}
