# SPDX-License-Identifier: MIT
"""A token for an agent as one writes it first: a row, AES-GCM, and a line of audit in a commit of its own. It reads a
database that the program made."""

import hashlib
import os
import sqlite3
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, jsonify, request

from bench.accounts import COLUMN, Sealer

app = Flask(__name__)
boxes = Sealer(Path(os.environ["IG_SHOP_AUTH_KEYS"]))
cipher = AESGCM(boxes.key)
agents = {digest: agent for agent, digest, _ in map(str.split, open(os.environ["IG_SHOP_AUTH_AGENTS"]))}
kept = threading.local()


def database():
    if not hasattr(kept, "database"):
        kept.database = sqlite3.connect(os.environ["IG_SHOP_AUTH_DATABASE"], timeout=10, isolation_level=None)
        kept.database.execute("PRAGMA synchronous = FULL")
        kept.database.row_factory = sqlite3.Row
    return kept.database


@app.get("/agent/v1/users/<user>/token")
def token(user):
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    agent = agents.get(hashlib.sha256(key.encode()).hexdigest())
    if agent is None:
        return jsonify({"status": "error", "error": "unauthorized"}), 401
    row = database().execute("SELECT * FROM users WHERE id = ? AND state = 'connected'", (user,)).fetchone()
    if row is None:
        return jsonify({"status": "error", "error": "not_found"}), 404
    box, start = row[COLUMN], 2 + len(boxes.id)
    text = cipher.decrypt(
        box[start:start + 12], box[start + 12:], boxes.associated(user, row["instagram_user_id"], row["generation"]))
    now = int(time.time())
    database().execute(
        "INSERT INTO audit (at, action, user, agent, generation, hour) VALUES (?, 'hand-out', ?, ?, ?, ?) "
        "ON CONFLICT (agent, user, generation, hour) WHERE action = 'hand-out' DO UPDATE SET times = times + 1",
        (now, user, agent, row["generation"], now // 3600))
    return jsonify({
        "status": "success", "access_token": text.decode(), "token_type": "bearer", "token_id": str(row["generation"]),
        "instagram_user_id": row["instagram_user_id"], "instagram_username": row["instagram_username"],
        "scopes": row["scopes"].split(","), "expires_at": row["token_expires_at"]})
