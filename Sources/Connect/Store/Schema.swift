// SPDX-License-Identifier: MIT
import GRDB

/// The tables. Migrations are append-only: a released one is never edited.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 connect") { db in
            try db.execute(
                sql: """
                    CREATE TABLE users (
                        id TEXT PRIMARY KEY NOT NULL,
                        instagram_user_id TEXT UNIQUE,
                        instagram_app_scoped_id TEXT UNIQUE,
                        instagram_username TEXT,
                        instagram_name TEXT,
                        instagram_account_type TEXT,
                        instagram_access_token BLOB,        -- sealed; see Vault's Box
                        generation INTEGER NOT NULL,
                        session_epoch INTEGER NOT NULL,     -- sessions of older generations have ended
                        token_issued_at INTEGER,
                        token_expires_at INTEGER,
                        scopes TEXT,                        -- separated by commas; NULL: Instagram did not say
                        state TEXT NOT NULL CHECK (state IN ('connected', 'reconnect_required', 'not_connected')),
                        reason TEXT,
                        webhooks_subscribed_at INTEGER,
                        webhooks_error TEXT,
                        next_renewal_at INTEGER,
                        renewal_failures INTEGER NOT NULL DEFAULT 0,
                        connected_at INTEGER,
                        updated_at INTEGER NOT NULL
                    ) STRICT;

                    CREATE TABLE flows (
                        id BLOB PRIMARY KEY NOT NULL,       -- SHA-256 of the state
                        phase TEXT NOT NULL CHECK (phase IN ('claimed', 'sent', 'done')),
                        decision_hash BLOB NOT NULL,
                        outcome TEXT,                       -- 'connected' or an error code, once done
                        user TEXT,
                        generation INTEGER,
                        forget_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX flows_by_age ON flows (forget_at);

                    CREATE TABLE ended_sessions (
                        id BLOB PRIMARY KEY NOT NULL,
                        forget_at INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX ended_sessions_by_age ON ended_sessions (forget_at);

                    -- One number for the whole database that never goes back.
                    CREATE TABLE counter (
                        only INTEGER PRIMARY KEY CHECK (only = 1),
                        generation INTEGER NOT NULL
                    ) STRICT;
                    INSERT INTO counter VALUES (1, 1);
                    """)
        }
        migrator.registerMigration("2 retry") { db in
            // When a repeat of a failure may be worth its while; NULL: Instagram did not say.
            try db.execute(sql: "ALTER TABLE flows ADD COLUMN retry_at INTEGER")
        }
        migrator.registerMigration("3 clocks") { db in
            try db.execute(
                sql: """
                    -- On the clock that nobody sets (Uptime). What was there is of a process that ended.
                    DELETE FROM flows;
                    ALTER TABLE flows RENAME COLUMN forget_at TO forget_at_uptime;
                    ALTER TABLE flows RENAME COLUMN retry_at TO retry_at_uptime;

                    -- Sessions up to `forgotten_sessions` are over, whatever the clock says: their rows may be gone.
                    ALTER TABLE ended_sessions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE counter ADD COLUMN forgotten_sessions INTEGER NOT NULL DEFAULT 0;
                    """)
        }
        return migrator
    }

    /// Brings a database to this schema. A copy of what was there is kept beside it first.
    static func migrate(_ pool: DatabasePool, with migrator: DatabaseMigrator, path: String) throws {
        let (isNew, isSuperseded, isCurrent, last) = try pool.read { db in
            let applied = try migrator.appliedIdentifiers(db)
            return (
                applied.isEmpty, try migrator.hasBeenSuperseded(db), try migrator.hasCompletedMigrations(db),
                try migrator.completedMigrations(db).last
            )
        }
        if isSuperseded { throw StoreFailure.newerSchema }
        if isCurrent { return }
        if !isNew {
            let schema = last?.prefix { $0 != " " } ?? "0"
            let copy = try DatabaseQueue(path: "\(path).schema-\(schema)")
            try pool.backup(to: copy)
            try copy.close()
        }
        try migrator.migrate(pool)
    }
}
