// SPDX-License-Identifier: MIT
import GRDB

/// The tables. Migrations are append-only: a released one is never edited.
enum Schema {
    /// The key that sealed a row's token, as its box says: its name stands behind the length of the name; see Vault's
    /// `Box`. An index has it, by this very expression. Not a generated column: VACUUM of SQLite 3.40 fails on a table that
    /// has one beside a CHECK with a list.
    static let keyID = keyID(of: "instagram_access_token")

    /// The key that sealed the box in a column.
    static func keyID(of column: String) -> String {
        """
        CAST(substr(\(column), 3, unicode(CAST(substr(\(column), 2, 1) AS TEXT))) AS TEXT)
        """
    }

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
        migrator.registerMigration("4 renewal") { db in
            try db.execute(
                sql: """
                    -- The state that events told last: connected, expiring, reconnect_required or not_connected.
                    ALTER TABLE users ADD COLUMN announced TEXT NOT NULL DEFAULT 'not_connected';
                    ALTER TABLE users ADD COLUMN next_webhooks_at INTEGER;
                    ALTER TABLE users ADD COLUMN webhooks_failures INTEGER NOT NULL DEFAULT 0;
                    ALTER TABLE users ADD COLUMN webhooks_told INTEGER NOT NULL DEFAULT 0;  -- an event told of the failure
                    -- Nobody renewed or subscribed what is there. The moment of each: half of its life, spread over a
                    -- tenth of it.
                    UPDATE users SET announced = state,
                        next_renewal_at = CASE
                            WHEN state = 'connected' THEN coalesce(token_issued_at + max(86400,
                                (token_expires_at - token_issued_at) / 2
                                    + abs(random() % ((token_expires_at - token_issued_at) / 10 + 1))), 0)
                            WHEN state = 'reconnect_required' AND instagram_access_token NOT NULL THEN 0 END,
                        next_webhooks_at = CASE WHEN state = 'connected' THEN connected_at END;

                    -- When somebody has to look at a row again: to renew its token, to see whether a person has cleared
                    -- what stood in the way, or to wipe what has died.
                    CREATE INDEX users_by_renewal ON users (next_renewal_at) WHERE next_renewal_at NOT NULL;
                    CREATE INDEX users_by_webhooks ON users (next_webhooks_at) WHERE next_webhooks_at NOT NULL;
                    CREATE INDEX users_by_expiry ON users (announced, token_expires_at, token_issued_at)
                        WHERE state = 'connected';
                    CREATE INDEX users_in_trouble ON users (next_renewal_at)
                        WHERE renewal_failures > 0 OR state = 'reconnect_required';
                    CREATE INDEX users_by_generation ON users (generation) WHERE instagram_access_token NOT NULL;

                    -- How many users are announced as what: counting a million rows for each look would take too long.
                    CREATE TABLE census (
                        state TEXT PRIMARY KEY NOT NULL,
                        users INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    INSERT INTO census VALUES
                        ('connected', 0), ('expiring', 0), ('reconnect_required', 0), ('not_connected', 0);
                    UPDATE census SET users = (SELECT count(*) FROM users WHERE announced = census.state);
                    CREATE TRIGGER census_enter AFTER INSERT ON users BEGIN
                        UPDATE census SET users = users + 1 WHERE state = NEW.announced;
                    END;
                    CREATE TRIGGER census_change AFTER UPDATE OF announced ON users WHEN OLD.announced <> NEW.announced
                    BEGIN
                        UPDATE census SET users = users - 1 WHERE state = OLD.announced;
                        UPDATE census SET users = users + 1 WHERE state = NEW.announced;
                    END;
                    CREATE TRIGGER census_leave AFTER DELETE ON users BEGIN
                        UPDATE census SET users = users - 1 WHERE state = OLD.announced;
                    END;

                    -- AUTOINCREMENT: a number is never given twice, also when all rows are gone.
                    CREATE TABLE events (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT,
                        at INTEGER NOT NULL,
                        user TEXT,                          -- NULL: about the app
                        instagram_user_id TEXT,
                        type TEXT NOT NULL
                    ) STRICT;

                    CREATE TABLE audit (
                        id INTEGER PRIMARY KEY AUTOINCREMENT,
                        at INTEGER NOT NULL,
                        action TEXT NOT NULL,
                        user TEXT,
                        agent TEXT,
                        reason TEXT,
                        generation INTEGER,
                        request_id TEXT,
                        hour INTEGER,                       -- of hand-outs: since 1970
                        times INTEGER NOT NULL DEFAULT 1
                    ) STRICT;
                    CREATE INDEX audit_by_user ON audit (user);
                    CREATE UNIQUE INDEX audit_hand_outs ON audit (agent, user, generation, hour)
                        WHERE action = 'hand-out';

                    -- What concerns the app at Meta, and so every account.
                    CREATE TABLE app (
                        only INTEGER PRIMARY KEY CHECK (only = 1),
                        paused_until INTEGER,               -- Instagram limits the app
                        failing_since INTEGER,              -- many accounts fail alike
                        failing_as TEXT,
                        webhook_fields TEXT                 -- what accounts were subscribed to
                    ) STRICT;
                    INSERT INTO app (only) VALUES (1);
                    """)
        }
        migrator.registerMigration("5 keys") { db in
            try db.execute(
                sql: """
                    DROP INDEX users_by_generation;
                    CREATE INDEX users_by_key ON users (\(keyID), generation)
                        WHERE instagram_access_token NOT NULL;

                    CREATE TABLE keys (
                        id TEXT PRIMARY KEY NOT NULL,
                        fingerprint BLOB,                   -- NULL: rows need the key, and it was never in force here
                        missing INTEGER NOT NULL DEFAULT 0  -- rows needed it the last time that somebody looked
                    ) STRICT, WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("6 letting go") { db in
            try db.execute(
                sql: """
                    -- What became of the subscription when the account was let go: unsubscribed or unknown.
                    ALTER TABLE users ADD COLUMN webhooks_let_go TEXT;

                    -- Accounts that were let go: what is left to do, and who had which account, for a deletion that comes
                    -- later. A deletion leaves random ids here.
                    CREATE TABLE letting_go (
                        generation INTEGER PRIMARY KEY,     -- the number that the letting go took
                        at INTEGER NOT NULL,
                        user TEXT NOT NULL,
                        instagram_user_id TEXT NOT NULL,
                        instagram_app_scoped_id TEXT,
                        cause TEXT NOT NULL,
                        box BLOB,                           -- the token, sealed for this row, until it is overwritten
                        webhooks TEXT,                      -- NULL: nobody has tried to take them back
                        erased_at INTEGER,                  -- NULL: file and log may hold its bytes
                        account_mark BLOB,                  -- of a deletion: a MAC of the account, until it is finished
                        request BLOB                        -- of signed_requests: done when this is
                    ) STRICT;
                    CREATE INDEX letting_go_by_user ON letting_go (user);
                    CREATE INDEX letting_go_by_account ON letting_go (instagram_user_id);
                    CREATE INDEX letting_go_by_app_scoped_id ON letting_go (instagram_app_scoped_id)
                        WHERE instagram_app_scoped_id NOT NULL;
                    CREATE INDEX letting_go_unerased ON letting_go (generation) WHERE erased_at IS NULL;

                    -- Who and what was let go, as a MAC: a flow that began before does not commit.
                    CREATE TABLE letting_go_marks (
                        mark BLOB PRIMARY KEY NOT NULL,
                        generation INTEGER NOT NULL,
                        forget_at_uptime INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX letting_go_marks_by_age ON letting_go_marks (forget_at_uptime);
                    CREATE INDEX letting_go_marks_by_generation ON letting_go_marks (generation);

                    -- What Meta asked for: the same request gets the same answer, and nothing is done twice.
                    CREATE TABLE signed_requests (
                        id BLOB PRIMARY KEY NOT NULL,       -- a MAC of the route and the payload
                        code BLOB UNIQUE,                   -- SHA-256 of the confirmation code of a deletion
                        same_as BLOB,                       -- signed again by another secret: the id of the first
                        received_at INTEGER NOT NULL,
                        done_at INTEGER,
                        erased TEXT                         -- kinds, separated by commas; NULL: outdated
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX signed_requests_by_age ON signed_requests (received_at);

                    CREATE INDEX events_by_user ON events (user);
                    """)
        }
        migrator.registerMigration("7 links") { db in
            try db.execute(
                sql: """
                    -- Links to a page on which somebody connects for a user of an application; see ConnectLink.
                    CREATE TABLE connect_links (
                        id BLOB PRIMARY KEY NOT NULL,       -- SHA-256 of the link
                        agent TEXT NOT NULL,                -- who asked for it
                        user TEXT NOT NULL,
                        user_name TEXT NOT NULL,            -- what the page calls the user
                        return_to TEXT NOT NULL,
                        switches_account INTEGER NOT NULL,
                        flow BLOB,                          -- the last that was begun with it; NULL: none
                        forget_at_uptime INTEGER NOT NULL
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX connect_links_by_age ON connect_links (forget_at_uptime);
                    CREATE INDEX connect_links_by_user ON connect_links (user);

                    -- What was connected by a link, until the application says that it was its user who did.
                    CREATE TABLE claims (
                        id BLOB PRIMARY KEY NOT NULL,       -- SHA-256 of the claim
                        agent TEXT NOT NULL,
                        user TEXT NOT NULL,
                        switches_account INTEGER NOT NULL,
                        began INTEGER NOT NULL,             -- the counter when the flow began
                        generation INTEGER NOT NULL,        -- the number that the box is sealed for
                        box BLOB NOT NULL,                  -- the token, sealed for this row
                        instagram_user_id TEXT NOT NULL,
                        instagram_app_scoped_id TEXT,
                        instagram_username TEXT,
                        instagram_name TEXT,
                        instagram_account_type TEXT,
                        scopes TEXT,
                        token_issued_at INTEGER NOT NULL,
                        token_expires_at INTEGER NOT NULL,
                        next_renewal_at INTEGER,
                        forget_at_uptime INTEGER NOT NULL,
                        UNIQUE (agent, user)
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX claims_by_age ON claims (forget_at_uptime);
                    CREATE INDEX claims_by_user ON claims (user);
                    CREATE INDEX claims_by_account ON claims (instagram_user_id);
                    CREATE INDEX claims_by_app_scoped_id ON claims (instagram_app_scoped_id)
                        WHERE instagram_app_scoped_id NOT NULL;
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
            let copy = try DatabaseQueue(path: SchemaCopies(database: path).path(String(schema)))
            try pool.backup(to: copy)
            try copy.close()
        }
        try migrator.migrate(pool)
    }
}
