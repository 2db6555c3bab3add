# SPDX-License-Identifier: MIT
"""Thousands of callbacks in flight while Instagram takes two seconds for each of its three calls.

Each round starts the program anew. The callbacks begin evenly over five seconds and take six or more, so there is a
moment at which none of them has its answer. Meanwhile a program of its own asks for the start route.
"""

import time
from collections import defaultdict
from statistics import median

from bench import Failure, progress, report, tools
from bench.processes import Stage
from bench.shop import Shop, fresh

DELAY, SPREAD = 2000, 5000  # milliseconds
PROBES = 500  # a second
CASES = [(1000, False), (1000, True), (5000, False), (5000, True)]


def one(stage, shop, flows, tls):
    process = shop.ready(shop.start("ours", fresh(stage, "ours"), tls=tls))
    warm = tools.Tool(stage, "probe", [shop.port, PROBES])
    time.sleep(0.5)
    warm.read(stop=True)
    before, threads = process.status("RssAnon", "Threads")
    cpu, peak = process.cpu_seconds(), before
    probe = tools.Tool(stage, "probe", [shop.port, PROBES])
    load = tools.Tool(stage, "flows", [shop.port, flows, SPREAD, 0, 1])
    while load.is_running():
        anonymous, now = process.status("RssAnon", "Threads")
        peak, threads = max(peak, anonymous), max(threads, now)
        time.sleep(0.05)
    made, felt = load.read(), probe.read(stop=True)
    cpu = process.cpu_seconds() - cpu
    process.stop()
    failed = made["failures"] + felt["failures"]
    if failed:
        progress(f"first failure: {made['failure']}; {felt['failures']} of the start route\n"
                 + process.log.read_text(errors="replace")[-300:])
    if made["peak"] < flows and not failed:
        raise Failure(f"only {made['peak']} of {flows} callbacks were in flight at once")
    return {
        "failed": failed, "p99": felt["p99"], "p50": felt["p50"], "most": felt["most"], "threads": threads,
        "memory": (peak - before) / flows, "cpu": cpu / flows * 1e6, "whole": made["p99"] / 1000,
    }


def run(options):
    rounds = defaultdict(list)
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(DELAY)
        for number in range(1, options.rounds + 1):
            for flows, tls in CASES:
                latest = one(stage, shop, flows, tls)
                rounds[flows, tls].append(latest)
                progress(f"{flows} in flight, {'TLS' if tls else 'http'}, round {number}: "
                         + ", ".join(f"{name} {value:.1f}" for name, value in latest.items()))
    return rounds


def describe(rounds):
    def cell(results, name, digits=1):
        return report.spread([each[name] for each in results], digits)

    count = len(next(iter(rounds.values())))
    return "\n\n".join([
        "## Callbacks in flight",
        f"Instagram takes {DELAY // 1000} s for each of the three calls. The callbacks begin evenly over "
        f"{SPREAD // 1000} s, until all are in flight at once; each round has a new process and a new database, the "
        f"cases go in turn, {count} rounds. Over TLS Instagram is an nginx with HTTP/2. The start route is asked "
        f"{PROBES} times a second by another program from the first callback to the last answer, each answer timed "
        "from the moment when its request was due. Memory is the most of RssAnon less what it was before, by flows; "
        "the failures of all rounds are added up.",
        report.table(
            ["in flight", "Instagram", "failed", "start route p99 ms", "p50 ms", "threads", "KB a flow",
             "CPU µs a flow", "slowest 1% took s"],
            [[f"{flows:,}", "TLS, HTTP/2" if tls else "http", str(sum(each["failed"] for each in results)),
              cell(results, "p99"), cell(results, "p50"), str(max(each["threads"] for each in results)),
              cell(results, "memory", 0), cell(results, "cpu", 0), f"{median(each['whole'] for each in results):.1f}"]
             for (flows, tls), results in rounds.items()], left=2),
    ])
