#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small agent to start from: follows what happens to the shops' Instagram accounts, and sends a direct message.

    agent.py --key-file agent-key --position position [--to IGSID --text Hello] [--once]

With --to, every account that is connected sends one message to that Instagram user; a real agent answers webhooks.
"""
import argparse, http.client, json, os, random, sys, time
import urllib.error, urllib.parse, urllib.request

NO_ANSWER = (OSError, http.client.HTTPException)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None  # a secret goes where it was meant to go


DIRECT = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))
OUTSIDE = urllib.request.build_opener(NoRedirect)


def say(text):
    print(text, flush=True)


def request(opener, url, secret, body=None):
    """Status, header fields and JSON of an answer; one of NO_ANSWER is raised where there is none."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    try:
        answer = opener.open(urllib.request.Request(url, data, headers), timeout=40)
    except urllib.error.HTTPError as failure:
        answer = failure
    with answer:
        try:
            said = json.loads(answer.read())
        except ValueError:
            said = None
        return answer.status, answer.headers, said if isinstance(said, dict) else {}


def pause(headers, seconds):
    """Waits as long as the answer asks for, else between half of these seconds and all of them."""
    asked = (headers or {}).get("Retry-After", "")
    time.sleep(min(int(asked), 600) if asked.isdecimal() else random.uniform(seconds / 2, seconds))


class Agent:
    def __init__(self, options):
        self.options = options
        if options.key_file:
            with open(options.key_file) as file:
                self.key = file.read().strip()
        else:
            self.key = os.environ["IG_AGENT_KEY"]

    def service(self, path, body=None):
        """Asks IG Shop Auth until it answers: each of its routes may be asked again."""
        seconds = 1
        while True:
            headers = None
            try:
                status, headers, answer = request(DIRECT, self.options.base + "/agent/v1/" + path, self.key, body)
                if status == 401:
                    sys.exit("the agent key is not known")
                if status not in (429, 502, 503, 504):
                    return status, answer
            except NO_ANSWER:
                status = "no answer"
            say(f"waiting: {status}")
            pause(headers, seconds)
            seconds = min(seconds * 2, 60)

    def skip(self):
        """A first start: what happened before it is not for this agent."""
        after = None
        while True:
            status, answer = self.service("events" if after is None else f"events?after={after}")
            if status != 200:
                sys.exit(f"events: {status} {answer.get('error')}")
            if answer["next"] == after:
                self.keep(after)  # from here on nothing is skipped
                return
            after = answer["next"]

    def run(self):
        if self.position() is None and not self.options.all:
            self.skip()
        while True:
            after = self.position()
            query = "wait=20" if after is None else f"after={after}&wait=20"
            began = time.monotonic()
            status, answer = self.service("events?" + query)
            if status == 410:
                self.read_all()
                self.keep(answer["next"])
            elif status != 200:
                sys.exit(f"events: {status} {answer.get('error')}")
            for event in answer.get("events", []):
                # Before acting: after a crash a message is missed, and never sent twice.
                self.keep(event["seq"])
                self.act(event)
            if status == 200:
                self.keep(answer["next"])
                if not answer["events"] and time.monotonic() - began < 1:
                    pause(None, 2)  # nobody may wait there just now
            if self.options.once and (status == 410 or answer["events"]):
                return

    def act(self, event):
        say(f"{event['type']}: {event['user']}")
        if event["type"] == "connected" and self.options.to:
            self.send(event["user"], self.options.to, self.options.text)

    def read_all(self):
        """Events were missed: the state of every user, as it is now."""
        after = ""
        while after is not None:
            status, page = self.service("users" + (f"?after={urllib.parse.quote(after, safe='')}" if after else ""))
            if status != 200:
                sys.exit(f"users: {status} {page.get('error')}")
            for user in page["users"]:
                say(f"{user['state']}: {user['user']}")
            after = page["next"]

    def send(self, user, to, text):
        path = f"users/{urllib.parse.quote(user, safe='')}/token"
        url = f"{self.options.graph}/{self.options.version}/me/messages"
        for attempt in range(3):
            status, token = self.service(path + "?min_valid_for=3600")
            if status != 200:
                return say(f"no token: {user}: {token.get('reason') or token.get('error') or status} {token.get('connect_url', '')}")
            try:
                message = {"recipient": {"id": to}, "message": {"text": text}}
                status, headers, answer = request(OUTSIDE, url, token["access_token"], message)
            except NO_ANSWER:
                return say(f"unsure: {user}: no answer; it may have arrived, so it is not sent again")
            error = answer.get("error")
            error = error if isinstance(error, dict) else {}
            if status == 200:
                return say(f"sent: {user}: {answer.get('message_id')}")
            if status == 429:  # refused before anything was done
                pause(headers, 2 ** attempt)
            elif status == 401 or error.get("code") == 190:
                _, told = self.service(path + "/refused", {"token_id": token["token_id"]})
                say(f"refused: {user}: {told.get('verdict')}, {told.get('state')}")
                if told.get("verdict") != "superseded":  # a newer token is there; it is worth another try
                    return
            elif status >= 500:
                return say(f"unsure: {user}: {status}; it may have arrived, so it is not sent again")
            else:
                return say(f"not sent: {user}: {status}, code {error.get('code')}/{error.get('error_subcode')}")
        say(f"not sent: {user}: given up")

    def position(self):
        try:
            with open(self.options.position) as file:
                return int(file.read())
        except FileNotFoundError:
            return None

    def keep(self, number):
        with open(self.options.position + ".new", "w") as file:
            file.write(str(number))
        os.replace(self.options.position + ".new", self.options.position)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--base", default="http://127.0.0.1:9180", help="the private routes of IG Shop Auth")
    options.add_argument("--key-file", help="a file with the agent key; else the variable IG_AGENT_KEY")
    options.add_argument("--position", default="position", help="a file that remembers the last event")
    options.add_argument("--graph", default="https://graph.instagram.com")
    options.add_argument("--version", default="v25.0")
    options.add_argument("--to", help="the Instagram user who gets a message")
    options.add_argument("--text", default="Hello")
    options.add_argument("--all", action="store_true", help="without a position: begins at the oldest event kept")
    options.add_argument("--once", action="store_true", help="ends when something has happened")
    try:
        Agent(options.parse_args()).run()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
