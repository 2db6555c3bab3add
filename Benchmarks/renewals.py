# SPDX-License-Identifier: MIT
"""Renewals a second against an Instagram that takes 100 ms, with the calls a minute at their largest, and beside it the
loop that one would write instead: read what is due, call, store, one after the other."""

import json
import sqlite3
import time
import urllib.parse
import urllib.request

from bench import Failure, progress, report
from bench.accounts import COLUMN, DAY, LIFE, Sealer, fill
from bench.processes import Stage
from bench.shop import Shop, fresh

DELAY = 100  # milliseconds
DUE, BY_LOOP = 10_000, 100
IN_FLIGHT = 128  # of the engine
PER_MINUTE = 60_000  # the largest of IG_SHOP_AUTH_RENEWALS_PER_MINUTE
AGE = 45 * DAY


def filled(stage, shop, name, count):
    path = shop.tables(fresh(stage, name))
    fill(path, shop.keys, count, AGE)
    return path


def ours(stage, shop):
    path = filled(stage, shop, "ours", DUE)
    database = sqlite3.connect(path)

    def renewed():
        return database.execute("SELECT count(*) FROM events").fetchone()[0]

    process = shop.ready(shop.start("renewing", path, environment={
        "IG_SHOP_AUTH_RENEWALS_PER_MINUTE": str(PER_MINUTE)}))
    while not (before := renewed()):
        process.check_alive()
    began, cpu, deadline = time.monotonic(), process.cpu_seconds(), time.monotonic() + 300
    while (count := renewed()) < DUE:
        process.check_alive()
        if time.monotonic() > deadline:
            raise Failure(f"only {count} of {DUE} were renewed")
        time.sleep(0.05)
    took, cpu = time.monotonic() - began, process.cpu_seconds() - cpu
    process.stop()
    right = database.execute(
        "SELECT (SELECT count(*) FROM events WHERE type = 'renewed'), count(*) FROM users "
        "WHERE token_issued_at > updated_at - 300 AND token_expires_at > next_renewal_at").fetchone()
    database.close()
    if right != (DUE, DUE):
        raise Failure(f"{right} instead of {DUE} renewals")
    return {"rate": (DUE - before) / took, "cpu": cpu / (DUE - before) * 1e6}


def loop(stage, shop):
    """No HTTP server, no audit, no keyring of many keys; the token is sealed as the program seals it."""
    path = filled(stage, shop, "loop", BY_LOOP)
    database, sealer = sqlite3.connect(path, isolation_level=None), Sealer(shop.keys)
    database.execute("PRAGMA synchronous = FULL")
    began, cpu = time.monotonic(), time.process_time()
    now = int(time.time())
    rows = database.execute(
        "SELECT id, instagram_user_id, generation FROM users WHERE next_renewal_at <= ? ORDER BY next_renewal_at",
        (now,)).fetchall()
    for number, (user, account, generation) in enumerate(rows):
        query = urllib.parse.urlencode({"grant_type": "ig_refresh_token", "access_token": f"IGAAL{150 * 'A'}-{number}"})
        with urllib.request.urlopen(f"http://127.0.0.1:{shop.instagram_port}/refresh_access_token?{query}") as answer:
            grant = json.load(answer)
        box = sealer.seal(grant["access_token"].encode(), user, account, generation + DUE)
        database.execute(
            f"UPDATE users SET {COLUMN} = ?, generation = ?, token_issued_at = ?, token_expires_at = ?, "
            "next_renewal_at = ? WHERE id = ?",
            (box, generation + DUE, now, now + grant["expires_in"], now + LIFE // 2, user))
    if len(rows) != BY_LOOP:
        raise Failure(f"{len(rows)} rows were due")
    return {"rate": len(rows) / (time.monotonic() - began), "cpu": (time.process_time() - cpu) / len(rows) * 1e6}


def run(options):
    rounds = {"ours": [], "loop": []}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(DELAY)
        for number in range(1, options.rounds + 1):
            rounds["ours"].append(ours(stage, shop))
            rounds["loop"].append(loop(stage, shop))
            progress(f"renewals, round {number}: "
                     + ", ".join(f"{name} {results[-1]['rate']:,.1f}/s" for name, results in rounds.items()))
    return rounds


def describe(rounds):
    def cell(name, figure, digits=0):
        return report.spread([each[figure] for each in rounds[name]], digits)

    ratio = [a["rate"] / b["rate"] for a, b in zip(rounds["ours"], rounds["loop"])]
    bound = IN_FLIGHT * 1000 / DELAY
    share = [each["rate"] / bound for each in rounds["ours"]]
    return "\n\n".join([
        "## Renewals",
        f"Instagram takes {DELAY} ms for each call, {DUE:,} tokens are due, each is called for, sealed and committed; "
        f"{PER_MINUTE:,} calls a minute, the most that may be set, are {PER_MINUTE // 60:,} a second. "
        f"{IN_FLIGHT} calls are under way at once, so {bound:,.0f} a second are the bound. The loop is Python with "
        f"sqlite3 and urllib, one after the other, with {BY_LOOP} such tokens. "
        f"{len(ratio)} rounds in turn.",
        f"Ours / the loop, round by round: {report.spread(ratio, 1)}. Ours / the bound of the calls under way: "
        f"{report.spread(share, 2)}.",
        report.table(["", "renewals/s", "CPU µs a renewal"], [
            [f"ig-shop-auth, {IN_FLIGHT} at once", cell("ours", "rate"), cell("ours", "cpu")],
            ["the loop", cell("loop", "rate", 1), cell("loop", "cpu")]]),
    ])
