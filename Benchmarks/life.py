# SPDX-License-Identifier: MIT
"""A process's life: start, idle, stop; and a restart while callbacks are in flight."""

import os
import socket
import struct
import time

from bench import Failure, progress, report, tools
from bench.processes import Stage
from bench.shop import Shop, fresh

FLOWS, SPREAD, DELAY, PROBES = 1000, 3000, 2000, 500


def record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def request(path):
    """One FastCGI request (specification, 3.3 and 3.4), as nginx sends it."""
    variables = {"REQUEST_METHOD": "GET", "REQUEST_URI": path, "IG_SURFACE": "public",
                 "HTTP_ACCEPT": "application/json"}
    pairs = b"".join(
        bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in variables.items())
    return record(1, struct.pack(">HB5x", 1, 0)) + record(4, pairs) + record(4, b"") + record(5, b"")


def answered(path):
    """Connected, asked, read to the end."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(request("/auth/instagram"))
        answer = b""
        while more := client.recv(65536):
            answer += more
    if b"auth_url" not in answer:
        raise Failure(f"the first answer is unexpected: {answer[:300]}")


def idle(stage, shop):
    """The socket is there before the process, so that the first request waits in it."""
    database = stage.directory / "idle.sqlite3"  # made by the round before the first
    with shop.listening() as listening:
        began = time.monotonic()
        process = shop.start("idle", database, listening=listening)
        answered(listening.getsockname())
        first = time.monotonic() - began
        time.sleep(1)
        anonymous, resident, threads = process.status("RssAnon", "VmRSS", "Threads")
        stopped = process.stop()
    return {"first": first * 1000, "anonymous": anonymous * 1024 / 1e6, "resident": resident * 1024 / 1e6,
            "threads": threads, "stop": stopped * 1000}


def drain(stage, shop, handed_over):
    """SIGTERM when all callbacks are in flight; the next process starts when this one has ended, as systemd does it."""
    database = fresh(stage, "ours")
    listening = shop.listening() if handed_over else None
    try:
        old = shop.ready(shop.start("old", database, listening=listening))
        load = tools.Tool(stage, "flows", [shop.port, FLOWS, SPREAD, 0, 1])
        time.sleep(SPREAD / 1000 + 0.5)
        probe = tools.Tool(stage, "probe", [shop.port, PROBES])
        time.sleep(0.05)
        took = old.stop()
        new = shop.ready(shop.start("new", database, listening=listening))
        felt, made = probe.read(stop=True), load.read()
        new.stop()
    finally:
        if listening:
            listening.close()
            os.unlink(stage.directory / "ours.sock")
    if made["failures"]:
        progress(f"first failure: {made['failure']}")
    return {"took": took, "failed": made["failures"], "unanswered": felt["failures"], "p50": felt["p50"],
            "p99": felt["p99"], "most": felt["most"]}


def run(options):
    rounds = {"idle": [], True: [], False: []}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(DELAY)
        idle(stage, shop)  # warm-up, and the database
        for number in range(1, options.rounds + 1):
            rounds["idle"].append(idle(stage, shop))
            for handed_over in (True, False):
                rounds[handed_over].append(drain(stage, shop, handed_over))
            progress(f"life, round {number}: {rounds['idle'][-1]}\n  handed over {rounds[True][-1]}"
                     f"\n  own path {rounds[False][-1]}")
    return rounds


def describe(rounds):
    def cell(key, name, digits):
        return report.spread([each[name] for each in rounds[key]], digits)

    return "\n\n".join([
        "## A process's life",
        "Start is from fork to the whole answer of the first request, which waits in the socket that is handed over; "
        "a second later the memory; then SIGTERM until the process has ended.",
        report.table(
            ["start to first answer ms", "RssAnon MB", "resident MB", "threads", "idle stop ms"],
            [[cell("idle", "first", 0), cell("idle", "anonymous", 1), cell("idle", "resident", 1),
              cell("idle", "threads", 0), cell("idle", "stop", 1)]], left=0),
        f"A restart under load: {FLOWS:,} callbacks are in flight ({DELAY // 1000} s for each call) when SIGTERM comes, "
        f"and the next process starts when this one has ended. The start route is asked {PROBES} times a second from "
        "SIGTERM until the next process has answered.",
        report.table(
            ["listening socket", "callbacks failed", "drain s", "starts failed", "start route p50 ms", "p99 ms",
             "most ms"],
            [[title, str(sum(each["failed"] for each in rounds[key])), cell(key, "took", 1),
              str(sum(each["unanswered"] for each in rounds[key])),
              cell(key, "p50", 1), cell(key, "p99", 1), cell(key, "most", 0)]
             for title, key in (("handed over on descriptor 0", True), ("a path of its own", False))]),
    ])
