# SPDX-License-Identifier: MIT
"""wrk, read through a script of its own instead of its prose."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

from . import Failure, output

HERE = Path(__file__).parent


class Load(NamedTuple):
    requests: int
    seconds: float
    refused: int  # status 400 and above
    broken: int  # connect, read, write errors and timeouts
    p50: float  # microseconds
    p99: float

    @property
    def rate(self):
        return self.requests / self.seconds


def require():
    if not shutil.which("wrk"):
        raise Failure("wrk is not installed: apt-get install --no-install-recommends wrk")


def run(url, connections, seconds, threads=2, requests=None):
    """With `requests` those of a file, one a line: path, name and value of a header."""
    command = ["wrk", "-t", threads, "-c", connections, "-d", f"{seconds}s", "--timeout", "10s", "-s", HERE / "wrk.lua",
               "-H", "Accept: application/json", url]
    environment = [f"REQUESTS={requests}", f"THREADS={threads}"] if requests else []
    text = output(["env", *environment, *command], timeout=seconds + 30)
    return Load(**json.loads(text.splitlines()[-1]))
