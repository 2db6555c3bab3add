#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A small shop with users and a login of its own, beside IG Shop Auth.

    app.py add-user NAME     reads the password from standard input and prints the user's id
    app.py serve             on 127.0.0.1:3000, where nginx is

Needs Debian's python3-flask and python3-jwt. Settings are environment variables; see README.md.
"""
import functools, hmac, json, os, secrets, sqlite3, sys, time
import urllib.error, urllib.parse, urllib.request

import jwt
from flask import Flask, Response, abort, g, jsonify, redirect, render_template_string, request, session
from werkzeug.security import check_password_hash, generate_password_hash

PLACE = os.environ.get("SHOP_DIR", "/var/lib/shop")
FRONTENDS = [origin for origin in os.environ.get("SHOP_FRONTENDS", "").split(",") if origin]
AGENT = os.environ.get("IG_AGENT", "http://127.0.0.1:9180")
GRAPH = os.environ.get("IG_GRAPH", "https://graph.instagram.com")
HASH = "pbkdf2:sha256:600000"
AUDIENCE = "shop-api"

app = Flask(__name__)


def database():
    if "database" not in g:
        g.database = sqlite3.connect(PLACE + "/shop.sqlite3")
        # AUTOINCREMENT: the id of a user who was deleted is never given to another one.
        g.database.execute(
            "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL, password TEXT NOT NULL)")
    return g.database


@app.teardown_appcontext
def close(_):
    if "database" in g:
        g.pop("database").close()


def read_secret(name, make=False):
    path = f"{PLACE}/{name}"
    if make and not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    with open(path) as file:
        return file.read().strip()


# MARK: Users

def verified(name, password):
    """The id of the user with this name and password, or None; as slow for a name that nobody has."""
    row = database().execute("SELECT id, password FROM users WHERE name = ?", (name,)).fetchone()
    kept = row[1] if row else app.config["NOBODY"]
    return row[0] if check_password_hash(kept, password) and row else None


def user_name(user):
    row = database().execute("SELECT name FROM users WHERE id = ?", (user,)).fetchone()
    return row and row[0]


def cookie_user():
    """The id of whoever the cookie says is here, if there still is such a user."""
    user = session.get("user")
    return user if user is not None and user_name(user) else None


# begin whoami
@app.get("/whoami")
def whoami():
    user = cookie_user()
    return Response(status=204, headers={"X-Auth-Request-User": str(user)} if user is not None else {})
# end whoami


# MARK: IG Shop Auth's private routes

class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # a secret goes where it was meant to go


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def ask(url, secret, body=None):
    """Status and JSON of an answer; 503 where there is none. With a body it is a POST; {} sends none, where none is taken."""
    data = None if body is None else json.dumps(body).encode() if body else b""
    headers = {"Authorization": "Bearer " + secret, "Content-Type": "application/json"}
    try:
        with OPENER.open(urllib.request.Request(url, data, headers), timeout=40) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as failure:
        with failure:
            try:
                return failure.code, json.load(failure)
            except ValueError:
                return failure.code, {}
    except (OSError, ValueError):
        return 503, {}


def agent(path, body=None):
    return ask(f"{AGENT}/agent/v1/{path}", read_secret("agent-key"), body)


def of(user):
    return "users/" + urllib.parse.quote(str(user), safe="")


def token_works(user):
    """What the shop's agent would find: whether Instagram takes the token. The token stays in this function."""
    status, said = agent(of(user) + "/token")
    if status != 200:
        return f"no token: {said.get('error', status)}"
    status, _ = ask(GRAPH + "/v25.0/me?fields=username", said["access_token"])
    return f"token works: @{said['instagram_username']}" if status == 200 else f"token refused: {status}"


# MARK: Pages; the login is a cookie

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title>
<h1>Shop</h1>
{% if user %}
<p id="user">{{ name }}</p>
<script src="/auth/instagram/connect.js" defer></script>
<instagram-connect></instagram-connect>
<p><a id="agent" href="/agent">What does the agent see?</a></p>
{% if token %}<p id="token">{{ token }}</p>{% endif %}
<form method="post" action="/logout"><input type="hidden" name="form" value="{{ form }}"><button id="logout">Sign out</button></form>
{% else %}
{% if refused %}<p role="alert">Name or password is wrong.</p>{% endif %}
<form method="post"><input type="hidden" name="form" value="{{ form }}">
<label>Name <input name="name" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button id="login">Sign in</button></form>
{% endif %}"""


def page(status=200, **values):
    session.setdefault("form", secrets.token_urlsafe(16))
    user = cookie_user()
    text = render_template_string(PAGE, user=user, name=user and user_name(user), form=session["form"], **values)
    return text, status, {"Cache-Control": "no-store"}


def check_form():
    """The form came from a page of ours: another site does not know what is in this browser's cookie."""
    if not hmac.compare_digest(request.form.get("form", "").encode(), session.get("form", "-").encode()):
        abort(403)


@app.get("/")
def home():
    return page() if cookie_user() is not None else redirect("/login", 303)


@app.get("/agent")
def what_the_agent_sees():
    user = cookie_user()
    return page(token=token_works(user)) if user is not None else redirect("/login", 303)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return page()
    check_form()
    user = verified(request.form.get("name", ""), request.form.get("password", ""))
    if user is None:
        return page(403, refused=True)
    session.clear()  # nothing of the time before
    session["user"] = user
    wanted = request.args.get("for", "")
    return redirect(wanted + "/" if wanted in FRONTENDS else "/", 303)


@app.post("/logout")
def logout():
    check_form()
    session.clear()
    return redirect("/login", 303)


# MARK: An API for a frontend on another site; the login is a bearer token

@app.after_request
def cors(answer):
    """Only for /api/, only for listed origins, and without cookies: who asks shows a token."""
    if request.path.startswith("/api/"):
        answer.headers["Cache-Control"] = "no-store"
        answer.vary.add("Origin")
        if request.headers.get("Origin") in FRONTENDS:
            answer.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            answer.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    return answer


def needs_token(route):
    @functools.wraps(route)
    def checked():
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(
                text if scheme == "Bearer" else "", app.config["JWT_KEY"], algorithms=["HS256"], audience=AUDIENCE,
                options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError:
            claims = {}
        if not user_name(claims.get("sub", "")):
            return {"error": "login_required"}, 401
        return route(claims["sub"])
    return checked


def posted():
    said = request.get_json(silent=True)
    return said if isinstance(said, dict) else {}


@app.post("/api/login")
def api_login():
    user = verified(str(posted().get("name", "")), str(posted().get("password", "")))
    if user is None:
        return {"error": "login_required"}, 401
    claims = {"sub": str(user), "aud": AUDIENCE, "exp": int(time.time()) + 3600}
    return {"token": jwt.encode(claims, app.config["JWT_KEY"], "HS256")}


# begin link
@app.post("/api/instagram/connect")
@needs_token
def api_connect(user):
    """A link for the user who is signed in. The way back is the frontend that asks, which has to be a listed one."""
    origin = request.headers.get("Origin")
    if origin not in FRONTENDS:
        abort(403)
    status, said = agent(of(user) + "/connect", {"return_to": origin + "/", "user_name": user_name(user)})
    return ({"connect_url": said["connect_url"]}, 200) if status == 201 else passed_on(status, said)


@app.post("/api/instagram/claim")
@needs_token
def api_claim(user):
    """The claim counts for the user of the bearer token, whatever the request says."""
    return passed_on(*agent("claims", {"user": str(user), "claim": str(posted().get("claim", ""))}))
# end link


@app.get("/api/instagram")
@needs_token
def api_status(user):
    status, said = agent(of(user))
    return {"state": "not_connected"} if status == 404 else passed_on(status, said)


@app.post("/api/instagram/disconnect")
@needs_token
def api_disconnect(user):
    return passed_on(*agent(of(user) + "/disconnect", {}))


def passed_on(status, said):
    """What a frontend may know of an answer."""
    shown = {name: said[name] for name in ("state", "instagram_username", "error") if name in said}
    return jsonify(shown), status if status in (200, 400, 404, 409, 429, 503) else 502


# MARK: Commands

def main(words):
    if words[:1] == ["add-user"] and len(words) == 2:
        with app.app_context(), database() as db:
            row = db.execute("INSERT INTO users (name, password) VALUES (?, ?)",
                             (words[1], generate_password_hash(sys.stdin.readline().rstrip("\n"), HASH)))
            print(row.lastrowid)
    elif words == ["serve"]:
        app.config.update(
            SECRET_KEY=read_secret("cookie-key", make=True), JWT_KEY=read_secret("jwt-key", make=True),
            NOBODY=generate_password_hash(secrets.token_urlsafe(), HASH),
            # Lax: Strict would be missing on the way back from Instagram.
            SESSION_COOKIE_NAME="__Host-shop", SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE=True,
            SESSION_COOKIE_HTTPONLY=True)
        app.run("127.0.0.1", int(os.environ.get("SHOP_PORT", "3000")), threaded=True)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
