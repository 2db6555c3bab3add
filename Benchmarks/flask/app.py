# SPDX-License-Identifier: MIT
"""The start route of the original design: Flask, the state in its signed session cookie."""

import os
import secrets
from urllib.parse import urlencode

from flask import Flask, jsonify, session

app = Flask(__name__)
app.secret_key = os.environ["FLASK_SECRET_KEY"]  # one for all workers
app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")

APP_ID = os.environ["META_APP_ID"]
REDIRECT_URI = os.environ["META_REDIRECT_URI"]
AUTHORIZE = os.environ["META_WWW_URL"] + "/oauth/authorize"
SCOPES = "instagram_business_basic,instagram_business_manage_messages"


@app.get("/auth/instagram")
def start():
    state = secrets.token_urlsafe(32)
    session["instagram_state"] = state
    query = {
        "client_id": APP_ID,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": SCOPES,
        "state": state,
    }
    return jsonify({"auth_url": AUTHORIZE + "?" + urlencode(query), "status": "success"})
