# SPDX-License-Identifier: MIT
"""Programs that run during a benchmark: each is ended by the pid we got when we started it."""

import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from . import Failure

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    def __init__(self, name, popen, log):
        self.name, self.popen, self.log = name, popen, log

    def check_alive(self):
        if self.popen.poll() is not None:
            tail = self.log.read_text(errors="replace")[-2000:]
            raise Failure(f"{self.name} ended with {self.popen.returncode}; its last words:\n{tail}")

    def tree(self):
        """Its pid and those of its descendants."""
        children = {}
        for entry in Path("/proc").glob("[0-9]*"):
            fields = _stat(entry.name)
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
        found = [self.popen.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def status(self, *names):
        """Figures of /proc/PID/status of the process itself, in the units that stand there (kB for memory)."""
        self.check_alive()
        lines = Path(f"/proc/{self.popen.pid}/status").read_text().splitlines()
        found = {line.partition(":")[0]: line.split()[1] for line in lines if len(line.split()) > 1}
        return [int(found[name]) for name in names]

    def stop(self, seconds=30):
        """SIGTERM, and how many seconds it took to end."""
        self.check_alive()
        ended = os.pidfd_open(self.popen.pid)  # Popen.wait looks now and then, with pauses of up to 50 ms
        try:
            began = time.monotonic()
            self.popen.terminate()
            if not select.select([ended], [], [], seconds)[0]:
                raise Failure(f"{self.name} did not end within {seconds} s")
            took = time.monotonic() - began
        finally:
            os.close(ended)
        self.popen.wait()
        return took

    def cpu_seconds(self):
        """User and system time of the tree so far (proc(5): fields 14 and 15 of stat, in clock ticks)."""
        self.check_alive()
        stats = filter(None, map(_stat, self.tree()))
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS

    def resident_bytes(self):
        """VmRSS, added up over the tree: pages that processes share count once for each."""
        return 1024 * sum(
            int(line.split()[1])
            for pid in self.tree()
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS:"))


def _stat(pid):
    """The fields of /proc/PID/stat from the third on: the second, the name, may hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


class Stage:
    """A temporary directory and what runs in it; leaving the `with` block ends and removes both, on Ctrl-C too."""

    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM):  # a shell may have started us with SIGINT ignored
            signal.signal(number, signal.default_int_handler)
        self._directory = tempfile.TemporaryDirectory(prefix="igsa-bench-")
        self.directory = Path(self._directory.name)
        self.processes = []
        return self

    def start(self, name, command, environment=None, stdin=subprocess.DEVNULL):
        """Its output goes to a file. Its environment is what is given here and PATH: nothing of ours leaks in."""
        log = self.directory / f"{name}.log"
        # A session of its own, so that Ctrl-C reaches this program only and the order of the end is ours;
        # and should we be killed, the kernel ends it (prctl(2), PR_SET_PDEATHSIG).
        command = ["setpriv", "--pdeathsig", "TERM", "--", *map(str, command)]
        environment = {"PATH": os.environ["PATH"], **(environment or {})}
        with open(log, "wb") as out:
            popen = subprocess.Popen(
                command, stdin=stdin, stdout=out, stderr=out, cwd=self.directory, env=environment,
                start_new_session=True)
        process = Process(name, popen, log)
        self.processes.append(process)
        return process

    def wait(self, process, ready, seconds=10):
        """Until `ready()` is true, or says why not for too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            process.check_alive()
            if time.monotonic() > deadline:
                raise Failure(f"{process.name} was not ready after {seconds} s")
            time.sleep(0.02)

    def __exit__(self, *_):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of them running
        for process in reversed(self.processes):
            process.popen.terminate()
        deadline = time.monotonic() + 10
        for process in reversed(self.processes):
            try:
                process.popen.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.popen.kill()
                process.popen.wait()
        self._directory.cleanup()
