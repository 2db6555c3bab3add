# SPDX-License-Identifier: MIT
"""How fast a connection starts: `GET /auth/instagram` as JSON, behind one nginx, upstreams in turn.

ours     ig-shop-auth, release build, logging to a file
c-plain  the same work in bare C on libfcgi, 16 threads in FCGX_Accept_r, no log
c-tuned  that, by somebody who measured where libfcgi waits
go       Go's own FastCGI responder, net/http/fcgi; left out where there is no Go
flask    the original design in Flask under gunicorn, 2 workers

Rounds go a, b, c, a, b, c, so that whatever else the machine does meets all of them. An answer that is not what it
should be ends the run.
"""

import http.client
import json
import secrets
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import quote

from bench import Failure, nginx, output, progress, report, wrk
from bench.processes import Stage

HERE = Path(__file__).resolve().parent
PATH = "/auth/instagram"
THREADS = 16  # of the C responder
WORKERS = 2  # of gunicorn
CONNECTIONS = (16, 256)


@dataclass
class Site:
    """What all are told. Nobody connects to these addresses: they are text in the answer."""

    port: int
    app_id: str = "990602627938098"
    scopes: str = "instagram_business_basic,instagram_business_manage_messages"

    @property
    def environment(self):
        www = f"http://127.0.0.1:{self.port + 1}"
        return {
            "META_APP_ID": self.app_id,
            "META_APP_SECRET": "test_instagram_app_secret",
            "META_REDIRECT_URI": f"http://localhost:{self.port}{PATH}/callback",
            "META_WWW_URL": www,
            "META_API_URL": www,
            "META_GRAPH_URL": www,
        }

    @property
    def authorize_prefix(self):
        """The authorize URL up to the state."""
        redirect = quote(self.environment["META_REDIRECT_URI"], safe="")
        return (
            f"{self.environment['META_WWW_URL']}/oauth/authorize?client_id={self.app_id}&redirect_uri={redirect}"
            f"&response_type=code&scope={quote(self.scopes, safe='')}&state=")


# Upstreams: each function starts one below the stage's directory, on the socket NAME.sock.


def start_ours(stage, site, options):
    if not options.binary.is_file():
        raise Failure(f"{options.binary.name} is not built: swift build -c release")
    keys = stage.directory / "keys"
    keys.touch(0o600)
    keys.write_text(output([options.binary, "keys", "generate"]) + "\n")
    agents = stage.directory / "agents"  # none; and not those of an installed service
    agents.touch(0o640)
    return stage.start("ours", [options.binary, "serve"], {
        **site.environment,
        "IG_SHOP_AUTH_ENV_FILE": "",
        "IG_SHOP_AUTH_SOCKET": str(stage.directory / "ours.sock"),
        "IG_SHOP_AUTH_DATABASE": str(stage.directory / "ours.sqlite3"),
        "IG_SHOP_AUTH_KEYS": str(keys),
        "IG_SHOP_AUTH_AGENTS": str(agents),
    })


def start_c(stage, site, style):
    program = stage.directory / f"c-{style}"
    source = HERE / "c-responder" / "responder.c"
    output(["cc", "-O2", "-o", program, source, "-lfcgi", "-lcrypto", "-pthread"])
    socket = stage.directory / f"c-{style}.sock"
    return stage.start(f"c-{style}", [program, socket, THREADS, site.authorize_prefix, style])


def start_c_plain(stage, site, options):
    return start_c(stage, site, "plain")


def start_c_tuned(stage, site, options):
    return start_c(stage, site, "tuned")


def start_go(stage, site, options):
    program = stage.directory / "go"
    output(["env", "GO111MODULE=off", f"GOCACHE={HERE / '.work' / 'go'}", "go", "build", "-o", program,
            HERE / "go-responder" / "main.go"], timeout=180)
    return stage.start("go", [program, stage.directory / "go.sock", site.authorize_prefix])


def start_flask(stage, site, options):
    return stage.start("flask", [
        flask_environment() / "bin" / "gunicorn", "--workers", WORKERS, "--chdir", HERE / "flask",
        "--bind", f"unix:{stage.directory / 'flask.sock'}", "--no-control-socket", "--log-level", "warning", "app:app",
    ], {**site.environment, "FLASK_SECRET_KEY": secrets.token_hex(32), "PYTHONDONTWRITEBYTECODE": "1"})


def flask_environment():
    """A virtual environment with the pinned versions, kept below .work for the next run."""
    wanted = HERE / "flask" / "requirements.txt"
    place = HERE / ".work" / "flask"
    installed = place / "installed.txt"
    if (place / "bin" / "python").exists() and installed.is_file() and installed.read_text() == wanted.read_text():
        return place
    shutil.rmtree(place, ignore_errors=True)
    try:
        output([sys.executable, "-m", "venv", place], timeout=120)
    except Failure as failure:
        raise Failure(f"{failure}\npython3 has no venv: apt-get install --no-install-recommends python3-venv")
    output([place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted], timeout=300)
    shutil.copy(wanted, installed)  # last: it says that the rest is whole
    return place


@dataclass
class Upstream:
    name: str
    title: str
    start: callable
    url: str = ""
    process: object = None
    rounds: dict = field(default_factory=lambda: defaultdict(list))


UPSTREAMS = [
    Upstream("ours", "ig-shop-auth", start_ours),
    Upstream("c-plain", f"C on libfcgi, {THREADS} threads in FCGX_Accept_r", start_c_plain),
    Upstream("c-tuned", "the same, accept serialised, close detached", start_c_tuned),
    Upstream("go", "Go, net/http/fcgi", start_go),
    Upstream("flask", f"Flask, gunicorn, {WORKERS} workers", start_flask),
]


@dataclass
class Round:
    rate: float
    cpu: float  # microseconds a request, of the upstream alone
    p99: float  # milliseconds
    resident: float  # MB


def answer(port):
    """(status, headers, body) of one request; None while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", PATH, headers={"Accept": "application/json"})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    except OSError:
        return None
    finally:
        connection.close()


def check(upstream, port, site):
    """Refuses to measure something else than the start route."""
    status, headers, body = answer(port) or (0, {}, b"")
    try:
        reply = json.loads(body) if status == 200 else {}
    except ValueError:
        reply = {}
    url, cookie = reply.get("auth_url", ""), headers.get("Set-Cookie", "")
    right = reply.get("status") == "success" and len(url) == len(site.authorize_prefix) + 43 and "HttpOnly" in cookie
    if upstream.name != "flask":
        right = right and url.startswith(site.authorize_prefix) and cookie.startswith("__Host-ig_flow_")
        right = right and headers.get("Cache-Control") == "no-store" and "Referrer-Policy" in headers
    if not right:
        raise Failure(f"{upstream.name} gave an unexpected answer: {status}\n{headers}{body.decode(errors='replace')}")


def measure(upstream, connections, seconds):
    before = upstream.process.cpu_seconds()
    load = wrk.run(upstream.url, connections, seconds)
    used = upstream.process.cpu_seconds() - before
    if load.refused or load.broken or not load.requests:
        raise Failure(
            f"{upstream.name} at {connections} connections: {load.requests} answers, {load.refused} of them refusals, "
            f"{load.broken} broken connections\n{upstream.process.log.read_text(errors='replace')[-2000:]}")
    return Round(load.rate, used / load.requests * 1e6, load.p99 / 1000, upstream.process.resident_bytes() / 1e6)


def run(options):
    upstreams = [each for each in UPSTREAMS if each.name != "go" or shutil.which("go")]
    wrk.require()
    with Stage() as stage:
        ports = dict(zip((each.name for each in UPSTREAMS), nginx.free_ports(len(UPSTREAMS))))
        site = Site(ports["ours"])
        for upstream in upstreams:
            progress(f"starting {upstream.name}")
            upstream.process = upstream.start(stage, site, options)
        server = nginx.start(
            stage, HERE / "nginx" / "start-route.conf",
            **{"PORT_" + name.upper().replace("-", "_"): port for name, port in ports.items()})
        for upstream in upstreams:
            port = ports[upstream.name]
            upstream.url = f"http://127.0.0.1:{port}{PATH}"
            stage.wait(server, lambda: answer(port) is not None)
            stage.wait(upstream.process, lambda: (answer(port) or (502,))[0] != 502)
            check(upstream, port, site)
        for connections in CONNECTIONS:
            for upstream in upstreams:
                measure(upstream, connections, 1)  # warm-up
            for number in range(1, options.start_rounds + 1):
                for upstream in upstreams:
                    latest = measure(upstream, connections, options.seconds)
                    upstream.rounds[connections].append(latest)
                    progress(f"{connections} connections, round {number}, {upstream.name}: {latest.rate:,.0f}/s")
    return upstreams


def ratios(upstreams, connections):
    """Ours against each other one: the ratio of the medians, and the median of the ratios round by round."""
    ours, *others = upstreams
    for other in others:
        a, b = ([each.rate for each in upstream.rounds[connections]] for upstream in (ours, other))
        by_round = [mine / theirs for mine, theirs in zip(a, b)]
        yield [f"ours / {other.name}", str(connections), f"{median(a) / median(b):.2f}", report.spread(by_round, 2)]


def describe(upstreams):
    def column(upstream, connections, name, digits):
        return report.spread([getattr(each, name) for each in upstream.rounds[connections]], digits)

    figures = [
        [upstream.title, str(connections), column(upstream, connections, "rate", 0),
         column(upstream, connections, "cpu", 1), column(upstream, connections, "p99", 1),
         f"{upstream.rounds[connections][-1].resident:,.0f}"]
        for connections in CONNECTIONS for upstream in upstreams]
    if not any(upstream.name == "go" for upstream in upstreams):
        figures.append(["Go, net/http/fcgi: not measured, Go is not installed", "", "", "", "", ""])
    return "\n\n".join([
        "## The start route",
        f"`GET {PATH}` as JSON behind one nginx (2 workers, no access log), wrk with 2 threads on the same machine. "
        f"A warm-up, then {len(upstreams[0].rounds[CONNECTIONS[0]])} rounds in turn. Median (smallest to largest). "
        "No redirect, no refusal, no broken connection, or the run would have failed. CPU is user and system time of "
        "the upstream's processes alone; resident memory is at the end and adds processes up, shared pages counted "
        "for each. Only ours writes a log.",
        report.table(
            ["upstream", "connections", "requests/s", "CPU µs/request", "p99 ms", "resident MB"], figures),
        report.table(
            ["requests/s", "connections", "ratio of medians", "median of ratios"],
            [line for connections in CONNECTIONS for line in ratios(upstreams, connections)]),
    ])
