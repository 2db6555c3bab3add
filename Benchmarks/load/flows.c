// SPDX-License-Identifier: MIT
//
// Connects accounts: each slot asks for the start, takes the consent for granted, makes the callback and begins again
// with the next account. Ends when the time is over and the last answer is there.
//
//     flows PORT SLOTS SPREAD_MS SECONDS FIRST_ACCOUNT [FILE]
//
// The slots begin evenly over the spread; with 0 seconds each makes one connection. FILE gets the session cookies.

#include "http.h"

struct slot {
    int descriptor, used, in_callback;
    uint64_t begin, sent;
    char bytes[ROOM];
};

#define FILL "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
static const char start[] = "GET /auth/instagram HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";
static long long account;
static uint64_t until, first_callback, all_in_flight, last_end;
static unsigned slots_begun, connections, failures, in_flight, peak;
static char failure[300];
static float *times;
static FILE *cookies;

static void put(struct slot *slot, const char *text, int size) {
    if (send(slot->descriptor, text, size, MSG_NOSIGNAL) != size) end("send");
}

static void begin(struct slot *slot) {
    slot->in_callback = 0;
    put(slot, start, sizeof start - 1);
}

static void fail(const char *what, struct reply *reply) {
    if (!failures++) snprintf(failure, sizeof failure, "%s: %d %.200s", what, reply->status, reply->body);
}

static void finished(struct slot *slot, struct reply *reply) {
    in_flight--;
    last_end = now();
    char *session = strstr(reply->head, "__Host-ig_session=");
    if (reply->status != 200 || !session || !strstr(reply->body, "success")) return fail("callback", reply);
    if (cookies) fprintf(cookies, "%.*s\n", (int)strcspn(session, ";"), session);
    if (connections % (1 << 16) == 0) times = realloc(times, (connections + (1 << 16)) * sizeof *times);
    times[connections++] = (last_end - slot->sent) / 1e6;
}

// 1: the slot is done.
static int go_on(struct slot *slot, struct reply *reply) {
    if (slot->in_callback) {
        finished(slot, reply);
    } else {
        char *cookie = strstr(reply->head, "__Host-ig_flow_"), *state = strstr(reply->body, "state=");
        if (reply->status == 200 && cookie && state) {
            char request[2048];
            int size = snprintf(
                request, sizeof request,
                "GET /auth/instagram/callback?code=AQB" FILL FILL FILL FILL "-%lld&state=%.43s HTTP/1.1\r\n"
                "Host: localhost\r\nAccept: application/json\r\nCookie: %.*s\r\n\r\n",
                account++, state + 6, (int)strcspn(cookie, ";"), cookie);
            slot->in_callback = 1;
            slot->sent = now();
            if (!first_callback) first_callback = slot->sent;
            if (++in_flight > peak) peak = in_flight, all_in_flight = slot->sent;
            put(slot, request, size);
            return 0;
        }
        fail("start", reply);
    }
    if (now() >= until) return 1;
    begin(slot);
    return 0;
}

int main(int count, char **arguments) {
    if (count != 6 && count != 7) return fprintf(stderr, "usage: see flows.c\n"), EXIT_FAILURE;
    int port = atoi(arguments[1]), poll = epoll_create1(0);
    unsigned slot_count = atoi(arguments[2]), running = slot_count;
    uint64_t spread = strtoull(arguments[3], NULL, 10) * 1000000, began;
    account = atoll(arguments[5]);
    if (count == 7 && !(cookies = fopen(arguments[6], "w"))) end(arguments[6]);
    raise_descriptors();
    struct slot *slots = calloc(slot_count, sizeof *slots);
    for (unsigned i = 0; i < slot_count; i++) slots[i].descriptor = connected(port, poll, i);
    until = (began = now()) + (uint64_t)(atof(arguments[4]) * 1e9);

    struct epoll_event events[256];
    while (running) {
        for (; slots_begun < slot_count && began + spread / slot_count * slots_begun <= now(); slots_begun++)
            begin(&slots[slots_begun]);
        int ready = epoll_wait(poll, events, 256, slots_begun < slot_count ? 1 : 60000);
        if (ready == 0 && slots_begun == slot_count) errno = ETIMEDOUT, end("nothing for a minute");
        for (int i = 0; i < ready; i++) {
            struct slot *slot = &slots[events[i].data.u32];
            struct reply reply = {.body = "closed"};
            int outcome = received(slot->descriptor, slot->bytes, &slot->used, &reply);
            if (outcome == 0) continue;
            if (outcome < 0) {
                in_flight -= slot->in_callback;
                fail("connection", &reply);
                close(slot->descriptor);
                running--;
            } else if (go_on(slot, &reply)) {
                close(slot->descriptor);
                running--;
            }
        }
    }
    if (cookies && fclose(cookies)) end("cookies");
    qsort(times, connections, sizeof *times, ascending);
    for (char *byte = failure; *byte; byte++)
        if (*byte == '"' || *byte == '\\' || *byte < ' ') *byte = '\'';
    printf("{\"connections\": %u, \"failures\": %u, \"failure\": \"%s\", \"peak\": %u, \"seconds\": %.6f, "
           "\"seconds_to_peak\": %.6f, \"p50\": %.3f, \"p99\": %.3f}\n",
           connections, failures, failure, peak, (last_end - first_callback) / 1e9,
           (all_in_flight - first_callback) / 1e9, percentile(times, connections, 0.5),
           percentile(times, connections, 0.99));
}
