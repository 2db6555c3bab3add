# SPDX-License-Identifier: MIT
"""All benchmarks in one run, into one file. `--part` runs some of them and leaves the file alone."""

import argparse
import importlib
import os
import shutil
import sys
import time
from pathlib import Path

from bench import Failure, nginx, output, progress, report

HERE = Path(__file__).resolve().parent
RESULT = HERE / "results" / "benchmarks.md"
# The quiet ones first: what comes after seconds of full load may find a warmer machine.
PARTS = ["life", "restart", "due", "renewals", "in_flight", "connections", "status", "tokens", "reseal", "start_route"]


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", default=os.environ.get("PART") or ",".join(PARTS),
                        help=f"some of {', '.join(PARTS)}, comma between; or PART")
    parser.add_argument("--binary", type=Path, default=HERE.parent / ".build" / "release" / "ig-shop-auth")
    parser.add_argument("--rounds", type=int, default=os.environ.get("ROUNDS") or 5, help="or ROUNDS")
    parser.add_argument("--start-rounds", type=int, default=os.environ.get("ROUNDS") or 9, help="of the start route")
    parser.add_argument("--seconds", type=int, default=os.environ.get("SECONDS_A_ROUND") or 2,
                        help="of a round that has no length of its own; or SECONDS_A_ROUND")
    chosen = parser.parse_args()
    chosen.part = chosen.part.replace("-", "_").split(",")
    chosen.binary = chosen.binary.absolute()
    if not set(chosen.part) <= set(PARTS) or min(chosen.rounds, chosen.start_rounds, chosen.seconds) < 1:
        parser.error(f"the parts are {', '.join(PARTS)}; the numbers are 1 or more")
    return chosen


def versions():
    pinned = dict(line.split("==") for line in (HERE / "flask" / "requirements.txt").read_text().split())
    packages = ["libfcgi-dev", "libcurl4-openssl-dev", "libsqlite3-dev"]
    found = [f"nginx {nginx.version()}", " ".join(output(["openssl", "version"]).split()[:2])]
    found += [f"{name.split('-')[0]} {output(['dpkg-query', '-W', '-f', '${Version}', name])}" for name in packages]
    found += [f"Flask {pinned['Flask']}", f"gunicorn {pinned['gunicorn']}", f"Python {sys.version.split()[0]}"]
    if shutil.which("go"):
        found.append("Go " + output(["go", "version"]).split()[2].removeprefix("go"))
    return ", ".join(found) + "."


def main():
    chosen = options()
    load, began = os.getloadavg()[0], time.monotonic()
    sections = {}
    try:
        for name in PARTS:
            if name not in chosen.part:
                continue
            part = importlib.import_module(name)
            sections[name] = part.describe(part.run(chosen))
            progress(f"{name}: done after {time.monotonic() - began:.0f} s")
        order = ["start_route", "in_flight", "connections", "status", "tokens", "reseal", "renewals", "due", "life", "restart"]
        text = "\n\n".join([
            "# Benchmarks", "Median (smallest to largest). One run of `make bench`, everything on one machine.",
            *(sections[name] for name in order if name in sections),
            report.machine(load) + f" The run took {(time.monotonic() - began) / 60:.0f} minutes.", versions()]) + "\n"
    except Failure as failure:
        sys.exit(f"benchmark: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
    print(text, end="")
    if len(sections) == len(PARTS):
        RESULT.parent.mkdir(exist_ok=True)
        RESULT.write_text(text)


if __name__ == "__main__":
    main()
