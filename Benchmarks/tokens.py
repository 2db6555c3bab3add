# SPDX-License-Identifier: MIT
"""Tokens for agents a second, in a small database and in one with a million users, and from Flask beside them.

The first hand-out of an agent, user and hour is committed before the token leaves; those after it are counted in memory.
Both are measured, and the rows of the audit say which it was.
"""

import base64
import hashlib
import json
import os
import random
import shutil
import sqlite3

from bench import Failure, progress, report, wrk
from bench.accounts import fill, name
from bench.processes import Stage
from bench.shop import HERE, Shop, fresh, get
from start_route import WORKERS, flask_environment
from status import CONNECTIONS, measure

SMALL, LARGE, PEER = "1,000", "1,000,000", "1,000, Flask"
USERS = {SMALL: 1_000, LARGE: 1_000_000, PEER: 1_000}
KNOWN = 20  # agents of the second kind: as many hand-outs are counted in either database
AGENTS = 20  # of the first kind, a second: each with its own first hand-outs
FIRST, AGAIN = "first of the hour, a commit", "asked before"


def agents(path, count):
    """Writes a file of agents for all users; their keys."""
    keys = ["igsa_" + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=") for _ in range(count)]
    path.write_text("".join(
        f"agent-{number} {hashlib.sha256(key.encode()).hexdigest()} *\n" for number, key in enumerate(keys)))
    return keys


def path(number):
    return f"/agent/v1/users/{name(number)}/token"


class Side:
    """One program with its database, and what it is asked."""

    def __init__(self, stage, options, users, database, port, process, keys):
        self.options, self.users, self.port, self.process = options, USERS[users], port, process
        self.audit, self.requests = sqlite3.connect(database), stage.directory / f"requests-{port}"
        self.check(keys[0])
        self.known = self.pairs(keys)
        self.learn()

    def learn(self):
        """Asks for all that are known, so many at a time as surely are asked in one run."""
        for begin in range(0, len(self.known), 1_000 * self.options.seconds):
            self.ask(self.known[begin:begin + 1_000 * self.options.seconds])

    def ask(self, pairs):
        """Of keys and users."""
        self.requests.write_text("".join(f"{path(number)}\tAuthorization\tBearer {key}\n" for key, number in pairs))
        before = self.written()
        load = measure(self.options, self.process, self.port, self.requests)
        return {**load, "written": self.written() - before}

    def written(self):
        return self.audit.execute("SELECT count(*) FROM audit WHERE action = 'hand-out'").fetchone()[0]

    def pairs(self, keys):
        """Each of these agents with a thousand users, in any order."""
        pairs = [(key, number) for key in keys for number in random.sample(range(self.users), min(USERS.values()))]
        random.shuffle(pairs)
        return pairs

    def first(self, keys):
        """Asks for each pair once."""
        pairs = self.pairs(keys)
        load = self.ask(pairs)
        if load["requests"] > min(load["written"], len(pairs)):
            raise Failure(f"{load['requests']} hand-outs, {load['written']} of them the first of {len(pairs)}")
        return load

    def again(self):
        load = self.ask(self.known)
        if load["written"]:  # a new hour began
            self.learn()
            load = self.ask(self.known)
        if load["written"]:
            raise Failure(f"{load['written']} of {load['requests']} hand-outs were the first of their hour")
        return load

    def check(self, key):
        """Refuses to measure something else than a token."""
        status, body = get(self.port, path(self.users - 1), {"Authorization": f"Bearer {key}"}) or (0, b"")
        if status != 200 or json.loads(body)["access_token"] != f"IGAAL{150 * 'A'}-{self.users - 1}":
            raise Failure(f"no token: {status} {body[:300].decode(errors='replace')}")


def flask(stage, shop, database):
    return stage.start("peer", [
        flask_environment() / "bin" / "gunicorn", "--workers", WORKERS, "--chdir", HERE / "flask",
        "--bind", f"unix:{stage.directory / 'peer.sock'}", "--no-control-socket", "--log-level", "warning",
        "tokens:app",
    ], {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "IG_SHOP_AUTH_DATABASE": str(database),
        "IG_SHOP_AUTH_KEYS": str(shop.keys), "IG_SHOP_AUTH_AGENTS": str(shop.agents)})


def run(options):
    wrk.require()
    rounds = {}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(0)
        ours, large, peer = (fresh(stage, each) for each in ("ours", "large", "peer"))
        shop.tables(ours)
        shutil.copy(ours, large)
        fill(ours, shop.keys, USERS[SMALL])
        fill(large, shop.keys, USERS[LARGE])
        shutil.copy(ours, peer)
        a_round = AGENTS * options.seconds
        keys = agents(shop.agents, KNOWN + a_round * options.rounds)
        programs = {
            SMALL: (ours, shop.port, shop.ready(shop.start("ours", ours))),
            LARGE: (large, shop.other_port,
                    shop.ready(shop.start("other", large, socket_name="other.sock"), shop.other_port)),
            PEER: (peer, shop.peer_port, flask(stage, shop, peer)),
        }
        stage.wait(programs[PEER][2], lambda: (get(shop.peer_port, path(0)) or (502,))[0] == 401)
        known, keys = keys[:KNOWN], keys[KNOWN:]
        # Flask commits each: one agent is enough there.
        sides = {users: Side(stage, options, users, *program, known[:1] if users == PEER else known)
                 for users, program in programs.items()}
        for number in range(1, options.rounds + 1):
            fresh_keys, keys = keys[:a_round], keys[a_round:]
            for kind in (FIRST, AGAIN):
                for users, side in sides.items():
                    load = side.first(fresh_keys) if kind == FIRST else side.again()
                    rounds.setdefault((kind, users), []).append(load)
                    progress(f"tokens, round {number}, {users} users, {kind}: {load['rate']:,.0f}/s, "
                             f"p99 {load['p99']:.1f} ms")
    return rounds


def describe(rounds):
    def ratio(kind, users, figure, other=SMALL):
        return report.spread([a[figure] / b[figure] for a, b in zip(rounds[kind, users], rounds[kind, other])], 2)

    kinds = (FIRST, AGAIN)
    return "\n\n".join([
        "## Tokens for agents",
        f"`GET /agent/v1/users/{{user}}/token` with an agent's key, users drawn from all, wrk with {CONNECTIONS} "
        "connections. The first hand-out of an agent, user and hour is committed before the token leaves, those after "
        "it are counted in memory and written every ten seconds; the rows of the audit were counted to know which it "
        f"was. All processes run at once and are asked in turn, {len(rounds[FIRST, SMALL])} rounds. Flask, under "
        f"gunicorn with {WORKERS} workers, does what one writes first: the same row, AES-GCM by `cryptography`, and a "
        "commit for each hand-out.",
        report.table(["round by round", "", "reads/s", "p99"], [
            *([f"{LARGE} users / {SMALL}", kind, ratio(kind, LARGE, "rate"), ratio(kind, LARGE, "p99")]
              for kind in kinds),
            *([f"ours / Flask, {SMALL} users", kind, ratio(kind, SMALL, "rate", PEER), ratio(kind, SMALL, "p99", PEER)]
              for kind in kinds)], left=2),
        report.table(["users", "", "reads/s", "p99 ms", "CPU µs a read"], [
            [users, kind, *(report.spread([each[figure] for each in rounds[kind, users]], digits)
                            for figure, digits in (("rate", 0), ("p99", 1), ("cpu", 1)))]
            for kind in kinds for users in USERS], left=2),
    ])
