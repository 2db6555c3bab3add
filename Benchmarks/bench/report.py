# SPDX-License-Identifier: MIT
"""Figures as Markdown."""

import os
import platform
from datetime import datetime, timezone
from statistics import median


def table(header, rows, left=1):
    """The first columns are text, the others are figures."""
    lines = [header, ["---"] * left + ["---:"] * (len(header) - left), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values, digits=0):
    """median (smallest to largest)"""
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def machine(load):
    """Where a figure comes from: date, processor, system, and how busy it was before. Nothing that names the machine.

    load -- os.getloadavg()[0], taken before the run.
    """
    with open("/proc/cpuinfo") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "unknown CPU")
    cores = len(os.sched_getaffinity(0))
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    date = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    kernel = platform.release().partition("-")[0]
    return f"{date}. {model}, {cores} cores. {system}, Linux {kernel}. Load before: {load:.1f}."
