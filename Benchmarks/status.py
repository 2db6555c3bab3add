# SPDX-License-Identifier: MIT
"""Status reads a second with a session, in a small database and in one with a million users."""

import shutil
import sqlite3

from bench import Failure, progress, report, tools, wrk
from bench.accounts import fill
from bench.processes import Stage
from bench.shop import Shop, fresh, get

SMALL, LARGE = 1_000, 1_000_000
CONNECTIONS = 64
PATH = "/auth/instagram/status"


def run(options):
    wrk.require()
    rounds = {SMALL: [], LARGE: []}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(0)
        small, large = fresh(stage, "ours"), stage.directory / "large.sqlite3"
        process = shop.ready(shop.start("ours", small))
        cookies = stage.directory / "cookies"
        made = tools.Tool(stage, "flows", [shop.port, SMALL, 1000, 0, 1, cookies]).read()
        process.stop()
        if made["connections"] != SMALL:
            raise Failure(f"only {made['connections']} of {SMALL} accounts were connected: {made['failure']}")
        requests = stage.directory / "requests"
        requests.write_text("".join(f"{PATH}\tCookie\t{cookie}\n" for cookie in cookies.read_text().split("\n")[:-1]))
        whole = sqlite3.connect(small)  # what is in the log beside it goes into the file
        whole.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole.close()
        shutil.copy(small, large)
        fill(large, shop.keys, LARGE - SMALL)
        megabytes = large.stat().st_size / 1e6
        ports = {SMALL: shop.port, LARGE: shop.other_port}
        programs = {SMALL: shop.start("ours", small), LARGE: shop.start("other", large, socket_name="other.sock")}
        for users, program in programs.items():
            shop.ready(program, ports[users])
            check(ports[users], requests)
            measure(options, programs[users], ports[users], requests)  # warm-up
        for number in range(1, options.rounds + 1):
            for users in rounds:
                rounds[users].append(measure(options, programs[users], ports[users], requests))
                progress(f"status, round {number}, {users:,} users: {rounds[users][-1]['rate']:,.0f}/s")
    return rounds, megabytes


def check(port, requests):
    """Refuses to measure the answer for nobody."""
    cookie = requests.read_text().split("\n")[0].split("\t")[2]
    status, body = get(port, PATH, {"Cookie": cookie}) or (0, b"")
    if status != 200 or b"shop_" not in body:
        raise Failure(f"the session is not known: {status} {body.decode(errors='replace')}")


def measure(options, process, port, requests):
    """Reads a second, p99 in ms, CPU in microseconds a read."""
    before = process.cpu_seconds()
    load = wrk.run(f"http://127.0.0.1:{port}/", CONNECTIONS, options.seconds, requests=requests)
    used = process.cpu_seconds() - before
    if load.refused or load.broken:
        raise Failure(f"{load.refused} refusals, {load.broken} broken connections")
    return {"rate": load.rate, "p99": load.p99 / 1000, "cpu": used / load.requests * 1e6, "requests": load.requests}


def describe(result):
    rounds, megabytes = result
    ratios = [large["rate"] / small["rate"] for small, large in zip(rounds[SMALL], rounds[LARGE])]
    return "\n\n".join([
        "## Status reads",
        f"`GET {PATH}` with the sessions of {SMALL:,} users in turn, wrk with {CONNECTIONS} "
        f"connections. The large database is the small one with more users, {megabytes:,.0f} MB, in the page cache. "
        f"{len(ratios)} rounds in turn.",
        report.table(
            ["users", "reads/s", "p99 ms", "CPU µs a read"],
            [[f"{users:,}", *(report.spread([each[name] for each in results], digits)
                              for name, digits in (("rate", 0), ("p99", 1), ("cpu", 1)))]
             for users, results in rounds.items()]),
        f"A million users / a thousand, round by round: {report.spread(ratios, 2)}.",
    ])
