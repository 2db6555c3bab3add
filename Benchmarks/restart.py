# SPDX-License-Identifier: MIT
"""Restarts under visitors, beside none; and how long the first visitor waits where the socket starts the program."""

import time

from bench import Failure, progress, report, tools
from bench.processes import Stage
from bench.shop import Shop, fresh, get
from life import answered

RATE, SECONDS, RESTARTS, PAUSE = 300, 5, 20, 0.2
ACCOUNTS = 100
ROUTES = {"start": None, "status": "/auth/instagram/status"}


def felt(stage, shop, process, listening, database, cookie, restarts):
    """Both routes asked at a fixed rate, while the program is replaced so many times, or not at all."""
    probes = {name: tools.Tool(stage, "probe", [shop.port, RATE, *([path, cookie] if path else [])])
              for name, path in ROUTES.items()}
    began, gaps = time.monotonic(), []
    for number in range(restarts):
        time.sleep(PAUSE)
        left = time.monotonic()
        process.stop()  # the next one starts when this one has ended, as systemd does it
        process = shop.ready(shop.start(f"restarted-{number}", database, listening=listening))
        gaps.append((time.monotonic() - left) * 1000)
    time.sleep(max(0, SECONDS - (time.monotonic() - began)))
    return process, gaps, {name: probe.read(stop=True) for name, probe in probes.items()}


def activated(stage, shop, database):
    """From the first connection on a socket that nobody serves yet to its whole answer, in milliseconds."""
    path = stage.directory / "activated.sock"
    path.unlink(missing_ok=True)
    # `shop.start` says what the program needs; the helper hands on nothing that it is not told, and the socket as
    # descriptor 3 (sd_listen_fds(3)), where StandardInput=socket makes it 0.
    process = shop.start("activated", database, wrapped=lambda command, names: [
        "systemd-socket-activate", *(f"--setenv={name}" for name in names), f"--listen={path}",
        "sh", "-c", 'exec "$@" <&3', "sh", *command])
    stage.wait(process, lambda: "Listening on" in process.log.read_text())
    began = time.monotonic()
    answered(str(path))
    took = (time.monotonic() - began) * 1000
    process.stop()
    return took


def run(options):
    rounds = {0: [], RESTARTS: [], "activated": []}
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(0)
        database, cookies = fresh(stage, "ours"), stage.directory / "cookies"
        listening = shop.listening()
        process = shop.ready(shop.start("first", database, listening=listening))
        made = tools.Tool(stage, "flows", [shop.port, ACCOUNTS, 500, 0, 1, cookies]).read()
        if made["connections"] != ACCOUNTS:
            raise Failure(f"only {made['connections']} of {ACCOUNTS} accounts were connected: {made['failure']}")
        cookie = cookies.read_text().split("\n")[0]
        status, body = get(shop.port, ROUTES["status"], {"Cookie": cookie}) or (0, b"")
        if status != 200 or b"shop_" not in body:
            raise Failure(f"the session is not known: {status} {body.decode(errors='replace')}")
        idle = fresh(stage, "idle")
        activated(stage, shop, idle)  # warm-up, and the database
        for number in range(1, options.rounds + 1):
            for restarts in (0, RESTARTS):
                process, gaps, figures = felt(stage, shop, process, listening, database, cookie, restarts)
                rounds[restarts].append({**figures, "gaps": gaps})
                progress(f"restart, round {number}, {restarts} restarts: {figures}"
                         + (f", from SIGTERM to the next answer {report.spread(gaps)} ms" if gaps else ""))
            rounds["activated"].append(activated(stage, shop, idle))
        listening.close()
    return rounds


def describe(rounds):
    def row(restarts, title, name):
        figures = [each[name] for each in rounds[restarts]]
        return [title, f"{sum(each['requests'] + each['failures'] for each in figures):,}",
                str(sum(each["failures"] for each in figures)),
                *(report.spread([each[key] for each in figures], digits)
                  for key, digits in (("p50", 2), ("p99", 1), ("most", 0)))]

    return "\n\n".join([
        "## Restarts, and the first visitor",
        f"The start route and a status read with a session, {RATE} of each a second through nginx, {RESTARTS} restarts "
        "one after the other beside none, in turn. The listening socket is handed over on descriptor 0. From SIGTERM to "
        f"the next process's first answer: {report.spread(sum((each['gaps'] for each in rounds[RESTARTS]), []))} ms.",
        report.table(
            ["", "requests", "failed", "p50 ms", "p99 ms", "most ms"],
            [row(restarts, f"{title}, {route}", name)
             for name, route in (("start", "start route"), ("status", "status read"))
             for restarts, title in ((0, "no restart"), (RESTARTS, f"{RESTARTS} restarts"))]),
        "Socket activation, from the first connection on a socket that nobody serves yet to its whole answer: "
        f"{report.spread(rounds['activated'], 0)} ms.",
    ])
