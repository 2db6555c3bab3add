# SPDX-License-Identifier: MIT
"""ig-shop-auth behind nginx with the light Instagram, for the parts that make whole connections."""

import http.client
import os
import resource
import socket
import subprocess
from pathlib import Path

from . import Failure, nginx, output, tools

HERE = Path(__file__).resolve().parent.parent
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


class Shop:
    """One nginx and one Instagram; the program is started anew for each round."""

    def __init__(self, stage, binary):
        if not binary.is_file():
            raise Failure(f"{binary.name} is not built: swift build -c release")
        self.stage, self.binary = stage, binary
        self.port, self.other_port, self.peer_port, self.instagram_port, self.tls_port = nginx.free_ports(5)
        self.keys = stage.directory / "keys"
        self.keys.touch(0o600)
        self.keys.write_text(output([binary, "keys", "generate"]) + "\n")
        self.agents = stage.directory / "agents"  # none; and not those of an installed service
        self.agents.touch(0o640)
        self.certify()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        descriptors = min(65536, hard) if hard != resource.RLIM_INFINITY else 65536
        self.nginx = nginx.start(
            stage, HERE / "nginx" / "flows.conf", DESCRIPTORS=descriptors, PORT_OURS=self.port,
            PORT_OTHER=self.other_port, PORT_PEER=self.peer_port, PORT_INSTAGRAM=self.instagram_port,
            PORT_TLS=self.tls_port)
        stage.wait(self.nginx, lambda: get(self.port, "/") is not None)

    def certify(self):
        """A certificate authority for this run, Instagram's certificate by it, and the system's bundle with it."""
        directory = self.stage.directory
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
        output(["openssl", "req", "-x509", *key, "-subj", "/CN=benchmark", "-keyout", directory / "ca.key",
                "-out", directory / "ca.pem"])
        output(["openssl", "req", *key[:-2], "-subj", "/CN=localhost", "-keyout", directory / "instagram.key",
                "-out", directory / "instagram.csr"])
        (directory / "san").write_text("subjectAltName=DNS:localhost\n")
        output(["openssl", "x509", "-req", "-in", directory / "instagram.csr", "-CA", directory / "ca.pem",
                "-CAkey", directory / "ca.key", "-days", "2", "-extfile", directory / "san",
                "-out", directory / "instagram.pem"])
        (directory / "bundle.pem").write_bytes(BUNDLE.read_bytes() + (directory / "ca.pem").read_bytes())

    def instagram(self, delay):
        """Answers each call after so many milliseconds."""
        process = self.stage.start(
            f"instagram-{delay}", [tools.build(self.stage, "instagram"), self.instagram_port, delay])
        self.stage.wait(process, lambda: _listens(self.instagram_port))
        return process

    def tables(self, database):
        """Lets the program make them, in a database that is not there yet."""
        self.ready(self.start("tables", database)).stop()
        return database

    def start(self, name, database, tls=False, environment=None, listening=None, socket_name="ours.sock",
              wrapped=None):
        """The program, not yet asked anything. With `listening` that socket is its descriptor 0; `wrapped` makes
        another command of its own and the names of its variables, and hands a socket over by itself."""
        url = f"https://localhost:{self.tls_port}" if tls else f"http://127.0.0.1:{self.instagram_port}"
        command = [self.binary, "serve"]
        if tls:
            # What is trusted is no setting, so the program gets a view of the file system in which the bundle has one
            # authority more.
            alone = [] if os.geteuid() == 0 else ["--map-root-user"]
            script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
            command = ["unshare", "--mount", *alone, "sh", "-c", script, "sh", self.stage.directory / "bundle.pem",
                       BUNDLE, *command]
        environment = {
            "IG_SHOP_AUTH_ENV_FILE": "",
            "META_APP_ID": "990602627938098",
            "META_APP_SECRET": "test_instagram_app_secret",
            "META_REDIRECT_URI": f"http://localhost:{self.port}/auth/instagram/callback",
            "META_WWW_URL": url,
            "META_API_URL": url,
            "META_GRAPH_URL": url,
            "IG_SHOP_AUTH_DATABASE": str(database),
            "IG_SHOP_AUTH_KEYS": str(self.keys),
            "IG_SHOP_AUTH_AGENTS": str(self.agents),
            **({} if listening or wrapped else {"IG_SHOP_AUTH_SOCKET": str(self.stage.directory / socket_name)}),
            **(environment or {}),
        }
        if wrapped:
            command = wrapped(command, environment)
        return self.stage.start(name, command, environment, stdin=listening or subprocess.DEVNULL)

    def ready(self, process, port=None):
        self.stage.wait(process, lambda: (get(port or self.port, "/auth/instagram/status") or (502,))[0] == 200)
        return process

    def listening(self):
        """The socket that nginx connects to, held here as systemd holds it."""
        path = str(self.stage.directory / "ours.sock")
        if os.path.exists(path):
            os.unlink(path)
        held = socket.socket(socket.AF_UNIX)
        held.bind(path)
        held.listen(4096)
        return held


def fresh(stage, name):
    """The path of a database that is not there yet."""
    for left in stage.directory.glob(name + ".sqlite3*"):
        left.unlink()
    return stage.directory / f"{name}.sqlite3"


def get(port, path, headers=None):
    """(status, body) of one request; None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Accept": "application/json", **(headers or {})})
        response = connection.getresponse()
        return response.status, response.read()
    except OSError:
        return None
    finally:
        connection.close()


def _listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False
