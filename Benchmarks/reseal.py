# SPDX-License-Identifier: MIT
"""Tokens for agents while every row is sealed again after another key came, beside the same reads without it."""

import random
import signal
import time

from bench import Failure, output, progress, report, wrk
from bench.accounts import fill
from bench.processes import Stage
from bench.shop import Shop, fresh
from status import CONNECTIONS, measure
from tokens import agents, path

ROWS = 100_000
KNOWN = 1_000  # users that are asked for: their first hand-outs of the hour are written down before
QUIET, BUSY = "nothing else", "rows are sealed again"


class Keys:
    """The keyring's file, and what the journal says of it."""

    def __init__(self, shop, process):
        self.shop, self.process, self.number = shop, process, 0

    def replace(self):
        """Another first key, in force when this returns; the one before it stays for what it has sealed."""
        self.number += 1
        line = output([self.shop.binary, "keys", "generate", f"key-{self.number}"])
        new = self.shop.keys.with_suffix(".new")
        new.touch(0o600)
        new.write_text("\n".join([line.strip(), self.shop.keys.read_text().splitlines()[0]]) + "\n")
        new.rename(self.shop.keys)
        self.process.popen.send_signal(signal.SIGHUP)
        self.shop.stage.wait(self.process, lambda: self.told("reloaded") == self.number)

    def told(self, event):
        return self.process.log.read_text().count(f'"event":"{event}"')

    @property
    def is_over(self):
        return self.told("resealed") == self.number


def run(options):
    wrk.require()
    rounds, seconds = {QUIET: [], BUSY: []}, []
    with Stage() as stage:
        shop = Shop(stage, options.binary)
        shop.instagram(0)
        database = shop.tables(fresh(stage, "ours"))
        fill(database, shop.keys, ROWS)
        key = agents(shop.agents, 1)[0]
        # A line for each request would make the journal too long to be read again and again.
        process = shop.ready(shop.start("ours", database, environment={"IG_SHOP_AUTH_LOG_LEVEL": "notice"}))
        keys, requests = Keys(shop, process), stage.directory / "requests"
        requests.write_text("".join(
            f"{path(number)}\tAuthorization\tBearer {key}\n" for number in random.sample(range(ROWS), KNOWN)))
        measure(options, process, shop.port, requests)  # first hand-outs, and a warm-up
        for number in range(1, options.rounds + 1):
            rounds[QUIET].append(measure(options, process, shop.port, requests))
            keys.replace()
            began = time.monotonic()
            rounds[BUSY].append(measure(options, process, shop.port, requests))
            if keys.is_over:
                raise Failure(f"the rows were sealed again before {options.seconds} s were over")
            stage.wait(process, lambda: keys.is_over, 300)
            seconds.append(time.monotonic() - began)
            progress(f"reseal, round {number}: p99 {rounds[QUIET][-1]['p99']:.1f} ms, meanwhile "
                     f"{rounds[BUSY][-1]['p99']:.1f} ms; {seconds[-1]:.1f} s for all rows")
    return rounds, seconds


def describe(result):
    rounds, seconds = result

    def ratio(figure):
        return report.spread([a[figure] / b[figure] for a, b in zip(rounds[BUSY], rounds[QUIET])], 2)

    return "\n\n".join([
        "## Another key",
        f"`GET /agent/v1/users/{{user}}/token` by wrk with {CONNECTIONS} connections while {ROWS:,} rows are sealed "
        f"again with a new first key, which took {report.spread(seconds, 1)} s, beside the same without, {len(seconds)} "
        f"rounds in turn. Meanwhile / without: {ratio('p99')} times the p99, {ratio('rate')} of the reads.",
        report.table(["meanwhile", "reads/s", "p99 ms", "CPU µs a read"], [
            [kind, *(report.spread([each[figure] for each in rounds[kind]], digits)
                     for figure, digits in (("rate", 0), ("p99", 1), ("cpu", 1)))] for kind in rounds]),
    ])
