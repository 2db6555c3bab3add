# SPDX-License-Identifier: MIT
"""The small C programs of the benchmarks: built into the stage, run, read."""

import json
import signal
import subprocess
from pathlib import Path

from . import Failure, output

HERE = Path(__file__).resolve().parent.parent
SOURCES = {
    "instagram": "instagram/instagram.c",
    "flows": "load/flows.c",
    "probe": "load/probe.c",
    "ungrouped": "ungrouped/ungrouped.c",
    "slow_fsync.so": "slow-fsync/slow_fsync.c",
}


def build(stage, name):
    """The path of a program, built once for a stage."""
    program = stage.directory / name
    if not program.exists():
        flags = ["-shared", "-fPIC"] if name.endswith(".so") else []
        output(["cc", "-O2", "-Wall", "-Wextra", *flags, "-o", program, HERE / SOURCES[name], "-lsqlite3"])
    return program


class Tool:
    """Started with its arguments; `read` waits for it and gives its figures."""

    def __init__(self, stage, name, arguments):
        self.name = name
        self.popen = subprocess.Popen(
            [str(part) for part in ["setpriv", "--pdeathsig", "TERM", "--", build(stage, name), *arguments]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)

    def is_running(self):
        return self.popen.poll() is None

    def read(self, timeout=120, stop=False):
        if stop:
            self.popen.send_signal(signal.SIGTERM)
        try:
            out, err = self.popen.communicate(timeout=timeout)
        except BaseException:
            self.popen.kill()
            self.popen.wait()
            raise
        if self.popen.returncode:
            raise Failure(f"{self.name} failed ({self.popen.returncode}): {err[-2000:]}")
        return json.loads(out)
