#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# TLS on loopback ports, passed on as plain TCP. For tests.
#   tls-front.py BACKEND-PORT PORT,CERTIFICATE,KEY,PROTOCOLS,VERSION ...
# PROTOCOLS are joined by +; VERSION is 1.0 or empty. Says "ready" once every port listens.
import select
import socket
import ssl
import sys
import threading


def context(certificate, key, protocols, version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate, key)
    if version == "1.0":
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = ssl.TLSVersion.TLSv1
    if protocols:
        made.set_alpn_protocols(protocols.split("+"))
    return made


def splice(secure, plain):
    """In one thread: an SSL connection is not for two."""
    while True:
        ready = [secure] if secure.pending() else select.select([secure, plain], [], [])[0]
        for one in ready:
            other = plain if one is secure else secure
            some = one.recv(65536)
            if not some:
                return
            other.sendall(some)


def serve(client, made, backend):
    try:
        with client, made.wrap_socket(client, server_side=True) as secure:
            with socket.create_connection(("127.0.0.1", backend)) as plain:
                splice(secure, plain)
    except OSError:
        pass  # ssl.SSLError among them: whoever refuses a handshake, or goes, is what the test looks at


def listen(port, made, backend):
    listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def accept():
        while True:
            client = listener.accept()[0]
            threading.Thread(target=serve, args=(client, made, backend), daemon=True).start()

    return threading.Thread(target=accept)


threads = []
for words in sys.argv[2:]:
    port, *rest = words.split(",")
    threads.append(listen(int(port), context(*rest), int(sys.argv[1])))
for thread in threads:
    thread.start()
print("ready", flush=True)
