# SPDX-License-Identifier: MIT
"""What benchmarks share: starting and stopping, load, figures, tables. Python's standard library only."""

import subprocess
import sys


class Failure(Exception):
    """Ends the run; its text is for the person who started it."""


def output(command, timeout=60):
    """What a command that ends by itself prints, on either stream."""
    try:
        done = subprocess.run(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=timeout)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not installed")
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]} took longer than {timeout} s")
    if done.returncode:
        raise Failure(f"{command[0]} failed ({done.returncode}):\n{done.stdout[-2000:]}")
    return done.stdout.strip()


def progress(text):
    print(text, file=sys.stderr, flush=True)
