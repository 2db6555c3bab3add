// SPDX-License-Identifier: MIT
//
// How a visitor feels the start route, or another one: requests at fixed moments, each timed from the moment when it was
// due, so that a stall counts for all that fell into it, and not once for each connection that waited.
//
//     probe PORT REQUESTS_A_SECOND [PATH COOKIE]        until SIGTERM; prints milliseconds as JSON

#include "http.h"
#include <signal.h>

enum { CONNECTIONS = 8192, MAXIMUM = 1 << 20 };

struct line {
    int descriptor, used;
    uint64_t due;
    char bytes[ROOM];
};

static volatile sig_atomic_t stopped;
static void stop(int number) { stopped = number; }

int main(int count, char **arguments) {
    if (count != 3 && count != 5) return fprintf(stderr, "usage: probe PORT RATE [PATH COOKIE]\n"), EXIT_FAILURE;
    char start[4096];
    int length = snprintf(start, sizeof start, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n%s%s%s\r\n",
                          count == 5 ? arguments[3] : "/auth/instagram", count == 5 ? "Cookie: " : "",
                          count == 5 ? arguments[4] : "", count == 5 ? "\r\n" : "");
    if (length < 0 || length >= (int)sizeof start) return fprintf(stderr, "the request is too long\n"), EXIT_FAILURE;
    int port = atoi(arguments[1]), poll = epoll_create1(0);
    uint64_t interval = 1000000000ull / atoi(arguments[2]);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    raise_descriptors();
    struct line *lines = calloc(CONNECTIONS, sizeof *lines);
    static uint32_t idle[CONNECTIONS];
    unsigned idle_count = 0, opened = 0, outstanding = 0, failures = 0, starved = 0, samples = 0;
    float *times = malloc(MAXIMUM * sizeof *times);

    struct epoll_event events[64];
    uint64_t due = now();
    while (!stopped || outstanding) {
        uint64_t moment = now();
        for (; !stopped && due <= moment; due += interval) {
            if (!idle_count && opened == CONNECTIONS) {
                starved++;
                continue;
            }
            uint32_t number = idle_count ? idle[--idle_count] : opened++;
            struct line *line = &lines[number];
            if (!line->descriptor) line->descriptor = connected(port, poll, number);
            line->due = due;
            if (send(line->descriptor, start, length, MSG_NOSIGNAL) < 0) end("send");
            outstanding++;
        }
        // Woken a little early rather than late, and spinning through the rest: the last 50 us of each interval.
        moment = now();
        int64_t left = due - moment;
        struct timespec rest = {.tv_nsec = !stopped && left < 50000 ? 0 : stopped ? 100000000 : left - 50000};
        int ready = epoll_pwait2(poll, events, 64, &rest, NULL);
        for (int i = 0; i < ready; i++) {
            struct line *line = &lines[events[i].data.u32];
            struct reply reply;
            int outcome = received(line->descriptor, line->bytes, &line->used, &reply);
            if (outcome == 0) continue;
            outstanding--;
            if (outcome < 0 || reply.status != 200) failures++;
            else if (samples < MAXIMUM) times[samples++] = (now() - line->due) / 1e6;
            if (outcome < 0) {
                close(line->descriptor);
                line->descriptor = line->used = 0;
            }
            idle[idle_count++] = events[i].data.u32;
        }
    }
    qsort(times, samples, sizeof *times, ascending);
    printf("{\"requests\": %u, \"failures\": %u, \"p50\": %.3f, \"p99\": %.3f, \"most\": %.3f}\n", samples,
           failures + starved, percentile(times, samples, 0.5), percentile(times, samples, 0.99),
           samples ? times[samples - 1] : 0);
}
