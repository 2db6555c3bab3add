# SPDX-License-Identifier: MIT
"""Rows of users whose tokens open: sealed here as the program seals them, as many as a benchmark wants."""

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import os
import sqlite3
import struct
import time

DAY = 86_400
LIFE = 60 * DAY  # of a token
TABLE, COLUMN = "users", "instagram_access_token"
GET_TAG = 0x10  # EVP_CTRL_AEAD_GET_TAG


def name(number):
    return f"shop_{number:016}"


class Sealer:
    """AES-256-GCM by the first key of a file, through libcrypto: a call for each step, a context for all boxes."""

    def __init__(self, keys):
        key_id, text = keys.read_text().split()[:2]
        self.id = key_id.encode()
        # HKDF-SHA-256 (RFC 5869) without a salt, for one block.
        key = hmac.digest(bytes(32), base64.urlsafe_b64decode(text + "="), hashlib.sha256)
        self.key = hmac.digest(key, b"ig-shop-auth/1/seal\x01", hashlib.sha256)
        self.library = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for function in ("EVP_CIPHER_CTX_new", "EVP_aes_256_gcm"):
            getattr(self.library, function).restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.library.EVP_CIPHER_CTX_new())
        self.library.EVP_EncryptInit_ex(
            self.context, ctypes.c_void_p(self.library.EVP_aes_256_gcm()), None, self.key, None)

    def associated(self, user, account, generation):
        parts = [b"\1", self.id, TABLE.encode(), COLUMN.encode(), user.encode(), account.encode(),
                 struct.pack(">q", generation)]
        return b"".join(struct.pack(">I", len(part)) + part for part in parts)

    def seal(self, text, user, account, generation):
        library, context, nonce, count = self.library, self.context, os.urandom(12), ctypes.c_int()
        place = self.associated(user, account, generation)
        sealed, tag = ctypes.create_string_buffer(len(text)), ctypes.create_string_buffer(16)
        library.EVP_EncryptInit_ex(context, None, None, None, nonce)
        library.EVP_EncryptUpdate(context, None, ctypes.byref(count), place, len(place))
        library.EVP_EncryptUpdate(context, sealed, ctypes.byref(count), text, len(text))
        library.EVP_EncryptFinal_ex(context, None, ctypes.byref(count))
        library.EVP_CIPHER_CTX_ctrl(context, GET_TAG, 16, tag)
        return bytes([1, len(self.id)]) + self.id + nonce + sealed.raw + tag.raw


def fill(path, keys, count, age=10 * DAY):
    """Connects so many accounts whose tokens are `age` seconds old; each is due a second after the one before it, the
    first at half of its life."""
    sealer, now = Sealer(keys), int(time.time())
    issued = now - age
    database = sqlite3.connect(path)
    first = database.execute("SELECT generation FROM counter").fetchone()[0]

    def rows():
        for number in range(count):
            user, account, generation = name(number), str(18_000_000_000_000_000 + number), first + number
            token = b"IGAAL" + b"A" * 150 + b"-%d" % number
            yield (user, account, str(8_000_000_000 + number), f"shop_{number}",
                   sealer.seal(token, user, account, generation), generation, issued, issued + LIFE, now,
                   issued + LIFE // 2 + number, issued, now)

    database.execute("PRAGMA synchronous = OFF")
    database.executemany(
        "INSERT INTO users (id, instagram_user_id, instagram_app_scoped_id, instagram_username, "
        "instagram_access_token, generation, session_epoch, token_issued_at, token_expires_at, scopes, state, "
        "announced, webhooks_subscribed_at, next_renewal_at, connected_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, 0, ?, "
        "?, 'instagram_business_basic,instagram_business_manage_messages', 'connected', 'connected', ?, ?, ?, ?)",
        rows())
    database.execute("UPDATE counter SET generation = generation + ?", (count,))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
