# SPDX-License-Identifier: MIT
"""Whole connections a second against an Instagram that answers at once, on this disk and on a slower one."""

import json

from bench import progress, output, report, tools
from bench.processes import Stage
from bench.shop import Shop, fresh

SLOTS = 256
SLOW = "2 ms more for each fsync"


def ours(stage, shop, options, environment=None):
    process = shop.ready(shop.start("ours", fresh(stage, "ours"), environment=environment))
    tools.Tool(stage, "flows", [shop.port, SLOTS, 0, 0, 1]).read()  # warm-up
    cpu = process.cpu_seconds()
    made = tools.Tool(stage, "flows", [shop.port, SLOTS, 0, options.seconds, 1_000_000]).read()
    cpu = process.cpu_seconds() - cpu
    process.stop()
    if made["failures"]:
        progress(f"first failure: {made['failure']}")
    return {"rate": made["connections"] / made["seconds"], "failed": made["failures"], "p99": made["p99"],
            "cpu": cpu / made["connections"] * 1e6}


def ungrouped(stage, shop, options, environment):
    database = fresh(stage, "ungrouped")
    shop.ready(shop.start("schema", database)).stop()  # makes the tables
    command = ["env", *(f"{name}={value}" for name, value in environment.items()),
               tools.build(stage, "ungrouped"), database, options.seconds]
    made = json.loads(output(command, timeout=60))
    return {"rate": made["connections"] / made["seconds"], "failed": 0, "p99": None, "cpu": None}


def run(options):
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(0)
        slow = {"LD_PRELOAD": str(tools.build(stage, "slow_fsync.so"))}
        cases = {
            "ig-shop-auth": lambda: ours(stage, shop, options),
            f"ig-shop-auth, {SLOW}": lambda: ours(stage, shop, options, slow),
            f"three commits a connection, one by one, {SLOW}": lambda: ungrouped(stage, shop, options, slow),
            "three commits a connection, one by one": lambda: ungrouped(stage, shop, options, {}),
        }
        rounds = {name: [] for name in cases}
        for number in range(1, options.rounds + 1):
            for name, case in cases.items():
                rounds[name].append(case())
                progress(f"connections, round {number}, {name}: {rounds[name][-1]['rate']:,.0f}/s")
    return rounds


def describe(rounds):
    def cell(results, name, digits):
        values = [each[name] for each in results]
        return "" if None in values else report.spread(values, digits)

    names = list(rounds)

    def ratio(one, other):
        return report.spread([a["rate"] / b["rate"] for a, b in zip(rounds[one], rounds[other])], 1)

    return "\n\n".join([
        "## Whole connections",
        f"Start, callback, Instagram's three calls over http, and the commit that keeps the token, for an account that "
        f"is new each time; {SLOTS} visitors at once, consent taken for granted, Instagram answers at once. The slower "
        "disk is a library that holds each fsync and fdatasync for 2 ms more. \"One by one\" is a loop in C that makes "
        "the same three commits for each connection into the same tables and does nothing else: no HTTP, no Instagram, "
        f"no sealing. {len(rounds[names[0]])} rounds in turn.",
        report.table(
            ["", "connections/s", "failed", "callback p99 ms", "CPU µs a connection"],
            [[name, cell(results, "rate", 0), str(sum(each["failed"] for each in results)), cell(results, "p99", 0),
              cell(results, "cpu", 0)] for name, results in rounds.items()]),
        report.table(["connections/s", "ratio round by round"], [
            ["grouped / one by one, slower disk", ratio(names[1], names[2])],
            ["grouped / one by one, this disk", ratio(names[0], names[3])],
        ]),
    ])
