// SPDX-License-Identifier: MIT
//
// What a connection costs the disk where each write is a commit of its own: the same three (claim, code sent, account
// kept) into the same tables, one after the other, from one loop that does nothing else. No HTTP, no Instagram, no
// sealing: whoever commits like this cannot be faster.
//
//     ungrouped DATABASE SECONDS          the file is one that ig-shop-auth made

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static sqlite3 *database;

static void check(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    fprintf(stderr, "ungrouped: %s\n", sqlite3_errmsg(database));
    exit(EXIT_FAILURE);
}

static void run(const char *sql) { check(sqlite3_exec(database, sql, NULL, NULL, NULL)); }

static sqlite3_stmt *prepared(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v2(database, sql, -1, &statement, NULL));
    return statement;
}

static void commit(sqlite3_stmt *statement, const unsigned char *id, long long account) {
    char text[32];
    unsigned char box[256];
    memset(box, 7, sizeof box);
    snprintf(text, sizeof text, "%lld", account);
    if (id) check(sqlite3_bind_blob(statement, 1, id, 32, SQLITE_TRANSIENT));
    if (sqlite3_bind_parameter_index(statement, "?2")) check(sqlite3_bind_text(statement, 2, text, -1, SQLITE_TRANSIENT));
    if (sqlite3_bind_parameter_index(statement, "?3"))
        check(sqlite3_bind_blob(statement, 3, box, sizeof box, SQLITE_TRANSIENT));
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: ungrouped DATABASE SECONDS\n"), EXIT_FAILURE;
    check(sqlite3_open(arguments[1], &database));
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
    sqlite3_stmt *claim = prepared(
        "INSERT INTO flows (id, phase, decision_hash, forget_at_uptime) VALUES (?1, 'claimed', randomblob(32), 4000000000)");
    sqlite3_stmt *sent = prepared("UPDATE flows SET phase = 'sent' WHERE id = ?1 AND phase = 'claimed'");
    sqlite3_stmt *number = prepared("UPDATE counter SET generation = generation + 1");
    sqlite3_stmt *kept = prepared(
        "INSERT INTO users (id, instagram_user_id, instagram_app_scoped_id, instagram_username, instagram_access_token,"
        " generation, session_epoch, state, updated_at)"
        " VALUES (hex(substr(?1, 1, 11)), ?2, ?2, ?2, ?3, 1, 0, 'connected', 1)");
    sqlite3_stmt *done = prepared("UPDATE flows SET phase = 'done', outcome = 'connected' WHERE id = ?1");

    long long connections = 0;
    double begin = now(), end = begin + atof(arguments[2]);
    while (now() < end) {
        unsigned char id[32];
        sqlite3_randomness(sizeof id, id);
        commit(claim, id, 0);
        commit(sent, id, 0);
        run("BEGIN IMMEDIATE");
        commit(number, NULL, 0);
        commit(kept, id, ++connections);
        commit(done, id, 0);
        run("COMMIT");
    }
    printf("{\"connections\": %lld, \"seconds\": %.6f}\n", connections, now() - begin);
}
