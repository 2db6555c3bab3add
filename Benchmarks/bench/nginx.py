# SPDX-License-Identifier: MIT
"""One nginx from a template, on loopback."""

import os
import pwd
import re
import shutil
import socket

from . import Failure, output

PROGRAM = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


def version():
    return output([PROGRAM, "-v"]).rpartition("/")[2]


def free_ports(count):
    """Ports that nobody listens on now; all are held until the last is found, so that none comes twice."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def start(stage, template, **values):
    if not PROGRAM:
        raise Failure("nginx is not installed: apt-get install --no-install-recommends nginx-light")
    # Started by root, the workers would become www-data, which may not enter the temporary directory.
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    values = {"USER": user, "DIRECTORY": str(stage.directory), **{name: str(value) for name, value in values.items()}}
    configuration = stage.directory / "nginx.conf"
    configuration.write_text(re.sub("@([A-Z_]+)@", lambda match: values[match[1]], template.read_text()))
    # `-e`: the built-in path of the first error log is not ours to write.
    return stage.start("nginx", [PROGRAM, "-e", "stderr", "-p", stage.directory, "-c", configuration])
