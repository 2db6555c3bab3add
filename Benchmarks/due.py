# SPDX-License-Identifier: MIT
"""What the engine asks the database to find out what there is to do, in a small one and in one with a million users.

Timed through Python's sqlite3, which is the same library that the program links, on the tables that the program made.
The statements are those of the sources, or the run fails; that each finds its index is shown by QueryPlanTests.
"""

import re
import sqlite3
import time
from statistics import median

from bench import Failure, progress, report
from bench.accounts import DAY, LIFE, fill
from bench.processes import Stage
from bench.shop import HERE, Shop, fresh

SIZES = (1_000, 1_000_000)
DUE = (0, 200, None)  # None: all
AGE = 10 * DAY
SOURCES = HERE.parent / "Sources" / "Connect" / "Store"

STATEMENTS = {
    "due for renewal, 64 rows": """
        SELECT * FROM users WHERE next_renewal_at <= ? AND instagram_access_token NOT NULL
        ORDER BY next_renewal_at LIMIT ?""",
    "due for webhooks": """
        SELECT * FROM users WHERE next_webhooks_at <= ? AND instagram_access_token NOT NULL
        ORDER BY next_webhooks_at LIMIT ?""",
    "when the next is due": """
        SELECT next_renewal_at FROM users WHERE next_renewal_at NOT NULL AND instagram_access_token NOT NULL
        ORDER BY next_renewal_at LIMIT 1""",
    "which token ends first": """
        SELECT min(token_expires_at) FROM users WHERE state = 'connected' AND announced = ?""",
    "whether there is news to tell": """
        SELECT EXISTS (SELECT 1 FROM users WHERE state = 'connected' AND announced = 'connected'
                AND token_expires_at < :ending)
            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected' AND announced = 'expiring'
                AND token_expires_at <= :now)
            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected'
                AND announced IN ('connected', 'expiring') AND token_expires_at > :far
                AND token_issued_at > :tomorrow)
            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected'
                AND announced = 'reconnect_required' AND token_expires_at > :now)
            OR EXISTS (SELECT 1 FROM users WHERE (renewal_failures > 0 OR state = 'reconnect_required')
                AND next_renewal_at > :later)
            OR EXISTS (SELECT 1 FROM users WHERE next_renewal_at > :far)
            OR EXISTS (SELECT 1 FROM users WHERE next_webhooks_at > :later)""",
    "users by state": "SELECT state, users FROM census",
    "backlog, counted to 100,000": """
        SELECT count(*) FROM (SELECT 1 FROM users WHERE next_renewal_at <= ? LIMIT ?)""",
}


def arguments(title, now):
    return {
        "due for renewal, 64 rows": (now, 64),
        "due for webhooks": (now, 64),
        "which token ends first": ("connected",),
        # That there is nothing is the long way: all of it has to be looked for.
        "whether there is news to tell": {"now": now - LIFE, "ending": now - LIFE, "tomorrow": now + LIFE,
                                          "far": now + LIFE, "later": now + LIFE},
        "backlog, counted to 100,000": (now, 100_000),
    }.get(title, ())


def check():
    """Refuses to measure what the program does not ask."""
    text = "".join(path.read_text() for path in sorted(SOURCES.glob("*.swift")))
    text = " ".join(text.replace("\\(column)", "next_renewal_at").split())
    for title, statement in STATEMENTS.items():
        if " ".join(statement.split()) not in text:
            raise Failure(f"the sources have another statement for \"{title}\"")


def measure(database, title, now):
    """Microseconds, the median of 20 times or of as many as fit into a second."""
    took, until = [], time.perf_counter() + 1
    while len(took) < 20 and (len(took) < 3 or time.perf_counter() < until):
        began = time.perf_counter()
        database.execute(STATEMENTS[title], arguments(title, now)).fetchall()
        took.append((time.perf_counter() - began) * 1e6)
    return median(took)


def run(options):
    check()
    rounds = {}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        databases = {}
        for size in SIZES:
            path = shop.tables(fresh(stage, f"due-{size}"))
            fill(path, shop.keys, size, AGE)
            databases[size] = sqlite3.connect(path)
            databases[size].execute("PRAGMA query_only = ON")
        for number in range(1, options.rounds + 1):
            for title in STATEMENTS:
                for due in DUE:
                    for size, database in databases.items():
                        first = database.execute("SELECT min(next_renewal_at) FROM users").fetchone()[0]
                        now = first - 1 + (size if due is None else due)
                        rounds.setdefault((title, due, size), []).append(measure(database, title, now))
            progress(f"due, round {number}")
    return rounds


def describe(rounds):
    def cell(title, due, size):
        values = rounds[title, due, size]
        return report.spread(values, 0 if median(values) >= 100 else 1)

    lines = []
    for title in STATEMENTS:
        for due in DUE if "?" in STATEMENTS[title] and "announced" not in STATEMENTS[title] else DUE[:1]:
            if "webhooks" in title and due != 0:
                continue  # none is
            small, large = (rounds[title, due, size] for size in SIZES)
            ratio = [b / a for a, b in zip(small, large)]
            lines.append([title, "all" if due is None else str(due), report.spread(ratio, 2),
                          *(cell(title, due, size) for size in SIZES)])
    count = len(next(iter(rounds.values())))
    return "\n\n".join([
        "## What is due",
        "What the engine asks before it renews, and what `/metrics` asks, in microseconds: the program's statements on "
        f"its tables, by Python's sqlite3, results fetched. {count} rounds of the median of 20, the sizes in turn. Each "
        "user is connected and due a second after the one before.",
        report.table(["", "due", "a million / a thousand", *(f"{size:,} users, µs" for size in SIZES)], lines),
    ])
