// SPDX-License-Identifier: MIT
//
// The peer that ig-shop-auth is measured against: the start of an OAuth flow in C on libfcgi as its manual shows it,
// some threads in FCGX_Accept_r on one Unix socket. It does the work of the start route and nothing else: no routing,
// no configuration, no log.
//
//     responder SOCKET THREADS AUTHORIZE_URL_UP_TO_THE_STATE

#define _GNU_SOURCE
#include <fcgiapp.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { NONCE = 32, MAC = 32, PAYLOAD = NONCE + 8, SIGNED = PAYLOAD + MAC, TAG_TEXT = 22, BACKLOG = 4096 };
#define ENCODED(count) (((count) * 4 + 2) / 3)

static int listening;
static pthread_mutex_t accepting = PTHREAD_MUTEX_INITIALIZER;
static const char *authorize;
static EVP_MAC_CTX *prepared;  // keyed once; each thread works with a duplicate

static void end(const char *what) {
    fprintf(stderr, "responder: %s\n", what);
    exit(EXIT_FAILURE);
}

// base64url without padding (RFC 4648, section 5).
static void encode(const uint8_t *bytes, size_t count, char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < count; i++) {
        bits = bits << 8 | bytes[i];
        for (have += 8; have >= 6; have -= 6) *text++ = digits[bits >> (have - 6) & 63];
    }
    if (have) *text++ = digits[bits << (6 - have) & 63];
    *text = 0;
}

static void prepare(void) {
    uint8_t key[32];
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    prepared = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
    if (!prepared || RAND_bytes(key, sizeof key) != 1 || !EVP_MAC_init(prepared, key, sizeof key, params))
        end("OpenSSL has no HMAC");
}

// A state in the URL and, signed with its time of issue, in a cookie.
static void start(FCGX_Stream *out, EVP_MAC_CTX *mac) {
    uint8_t value[SIGNED];
    char state[ENCODED(NONCE) + 1], cookie[ENCODED(SIGNED) + 1], answer[4096];
    size_t written = 0;
    uint64_t now = (uint64_t)time(NULL);

    memcpy(value + NONCE, &now, sizeof now);
    // EVP_MAC_init without a key starts again with the one it has: 0.25 us, a duplicate for each request 0.5.
    if (RAND_bytes(value, NONCE) != 1 || !EVP_MAC_init(mac, NULL, 0, NULL) || !EVP_MAC_update(mac, value, PAYLOAD) ||
        !EVP_MAC_final(mac, value + PAYLOAD, &written, MAC) || written != MAC) {
        FCGX_PutS("Status: 500 Internal Server Error\r\n\r\n", out);
        return;
    }
    encode(value, NONCE, state);
    encode(value, SIGNED, cookie);

    static const char before[] = "{\"auth_url\": \"", after[] = "\", \"status\": \"success\"}";
    size_t body = sizeof before - 1 + strlen(authorize) + sizeof state - 1 + sizeof after - 1;
    int count = snprintf(answer, sizeof answer,
                         "Status: 200 OK\r\n"
                         "Content-Type: application/json\r\n"
                         "Cache-Control: no-store\r\n"
                         "X-Content-Type-Options: nosniff\r\n"
                         "Referrer-Policy: no-referrer\r\n"
                         "Set-Cookie: __Host-ig_flow_%.*s=%s; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax\r\n"
                         "Content-Length: %zu\r\n\r\n"
                         "%s%s%s%s",
                         TAG_TEXT, state, cookie, body, before, authorize, state, after);
    FCGX_PutStr(answer, count, out);
}

// Plain: each thread in FCGX_Accept_r, as the library's manual pages show it.
static void *serve_plainly(void *unused) {
    (void)unused;
    FCGX_Request request;
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(prepared);
    if (!mac || FCGX_InitRequest(&request, listening, 0)) end("no memory");
    for (;;) {
        if (FCGX_Accept_r(&request) < 0) continue;
        start(request.out, mac);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

// Tuned: by somebody who measured where libfcgi waits.
static void *serve_tuned(void *unused) {
    (void)unused;
    FCGX_Request request;
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(prepared);
    char rest[1024];
    if (!mac || FCGX_InitRequest(&request, listening, 0)) end("no memory");
    for (;;) {
        // Serialised, as in libfcgi's own example (threaded.c): 1.1 to 1.4 times the requests a second here.
        pthread_mutex_lock(&accepting);
        int failed = FCGX_Accept_r(&request);
        pthread_mutex_unlock(&accepting);
        if (failed < 0) continue;
        // Or libfcgi's close waits for nginx to close first: 0.8 to 0.9 times the requests a second. What is unread
        // would then reset the connection, so the (empty) body is read to its end.
        request.detached = 1;
        while (FCGX_GetStr(rest, sizeof rest, request.in) == sizeof rest) continue;
        start(request.out, mac);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int count, char **arguments) {
    int threads = count == 5 ? atoi(arguments[2]) : 0;
    if (threads < 1 || strlen(arguments[3]) > 2048) end("usage: responder SOCKET THREADS AUTHORIZE_URL plain|tuned");
    void *(*serve)(void *) = strcmp(arguments[4], "plain") ? serve_tuned : serve_plainly;
    authorize = arguments[3];
    umask(0117);
    if (FCGX_Init()) end("no FastCGI");
    signal(SIGTERM, SIG_DFL);  // FCGX_Init takes it and then waits for a request before it ends
    listening = FCGX_OpenSocket(arguments[1], BACKLOG);
    if (listening < 0) end("cannot listen");
    prepare();
    for (int i = 1; i < threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, NULL)) end("no thread");
    }
    serve(NULL);
}
