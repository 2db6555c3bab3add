// SPDX-License-Identifier: MIT
//
// Instagram as a benchmark needs it: the three calls of a connection, the renewal of a token and the subscription to
// webhooks, each answered after the same delay, with as little work as possible, so that what is measured is the caller.
// Any code is good; the number behind its last `-` is the account, and goes from the code into the tokens and from there
// into the profile. Faults and shapes are the business of Sources/instagram-stand-in, not of this.
//
//     instagram PORT DELAY_IN_MILLISECONDS

#include "../load/common.h"

enum { QUEUE = 65536, BACKLOG = 4096 };

struct connection {
    uint32_t life;  // counts the connections of this descriptor, so that an answer does not go to the next one
    int used;
    char bytes[ROOM];
};
struct due {
    uint64_t moment;
    int descriptor;
    uint32_t life;
    int size;
    char answer[768];
};

static struct connection *connections[DESCRIPTORS];
static struct due *queue;  // one delay for all: in order of arrival is in order of time
static uint32_t first, last;
static uint64_t delay;

static void forget(int descriptor) {
    connections[descriptor]->life++;
    connections[descriptor]->used = 0;
    close(descriptor);
}

// 150 bytes before the number: as long as real tokens are.
#define FILL "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define TOKEN(kind) "IGAA" kind FILL FILL FILL "-%lld"

static int body(char *text, size_t room, const char *request, long long number) {
    if (!strncmp(request, "POST /oauth/access_token", 24))
        return snprintf(text, room,
                        "{\"access_token\":\"" TOKEN("S") "\",\"user_id\":%lld,\"permissions\":"
                        "[\"instagram_business_basic\",\"instagram_business_manage_messages\"]}",
                        number, 9000000000 + number);
    if (!strncmp(request, "GET /access_token?", 18) || !strncmp(request, "GET /refresh_access_token?", 26))
        return snprintf(text, room, "{\"access_token\":\"" TOKEN("L") "\",\"token_type\":\"bearer\",\"expires_in\":5183944}",
                        number);
    if (!strncmp(request, "POST ", 5)) return snprintf(text, room, "{\"success\":true}");
    if (memmem(request, strcspn(request, "?"), "/subscribed_apps", 16)) return snprintf(text, room, "{\"data\":[]}");
    return snprintf(text, room,
                    "{\"id\":\"%lld\",\"user_id\":\"%lld\",\"username\":\"shop_%lld\",\"name\":\"Shop %lld\","
                    "\"account_type\":\"BUSINESS\"}",
                    9000000000 + number, 17841400000000000 + number, number, number);
}

// One request at a time is in the buffer: neither libcurl nor nginx sends a second one before the answer.
static void take(int descriptor) {
    struct connection *connection = connections[descriptor];
    char *head = memmem(connection->bytes, connection->used, "\r\n\r\n", 4);
    if (!head) return;
    connection->bytes[connection->used] = 0;
    char *length = strcasestr(connection->bytes, "\r\ncontent-length:");
    int whole = head + 4 - connection->bytes + (length && length < head ? atoi(length + 17) : 0);
    if (connection->used < whole) return;

    char *from = connection->bytes, *to = strstr(from, " HTTP/1");
    if (*from == 'P') from = head + 4, to = from + (whole - (from - connection->bytes));
    char *dash = to ? memrchr(from, '-', to - from) : NULL;
    struct due *due = &queue[last % QUEUE];
    char text[600];
    int size = body(text, sizeof text, connection->bytes, dash ? atoll(dash + 1) : 0);
    due->moment = now() + delay;
    due->descriptor = descriptor;
    due->life = connection->life;
    due->size = snprintf(due->answer, sizeof due->answer,
                         "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", size, text);
    if (++last - first == QUEUE) errno = ENOBUFS, end("queue");
    connection->used = 0;
}

static int readable(int descriptor) {
    struct connection *connection = connections[descriptor];
    ssize_t count = recv(descriptor, connection->bytes + connection->used, ROOM - 1 - connection->used, MSG_DONTWAIT);
    if (count > 0) connection->used += count;
    if (count == 0 || (count < 0 && errno != EAGAIN)) return 0;
    take(descriptor);
    return 1;
}

int main(int count, char **arguments) {
    if (count != 3) return fprintf(stderr, "usage: instagram PORT DELAY\n"), EXIT_FAILURE;
    delay = strtoull(arguments[2], NULL, 10) * 1000000;
    queue = calloc(QUEUE, sizeof *queue);
    raise_descriptors();

    int listening = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[1])),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listening, (void *)&address, sizeof address) || listen(listening, BACKLOG)) end("listen");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening}, events[256];
    epoll_ctl(poll, EPOLL_CTL_ADD, listening, &event);

    for (;;) {
        int64_t left = first == last ? -1 : (int64_t)(queue[first % QUEUE].moment - now());
        int ready = epoll_wait(poll, events, 256, first == last ? -1 : left <= 0 ? 0 : left / 1000000 + 1);
        for (int i = 0; i < ready; i++) {
            int descriptor = events[i].data.fd;
            if (descriptor != listening) {
                if (!readable(descriptor)) forget(descriptor);
                continue;
            }
            descriptor = accept4(listening, NULL, NULL, SOCK_NONBLOCK);
            if (descriptor < 0) continue;
            if (descriptor >= DESCRIPTORS) end("accept");
            if (!connections[descriptor]) connections[descriptor] = calloc(1, sizeof **connections);
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            event.data.fd = descriptor;
            epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
            if (!readable(descriptor)) forget(descriptor);
        }
        for (uint64_t moment = now(); first != last && queue[first % QUEUE].moment <= moment; first++) {
            struct due *due = &queue[first % QUEUE];
            if (connections[due->descriptor]->life == due->life)
                send(due->descriptor, due->answer, due->size, MSG_NOSIGNAL | MSG_DONTWAIT);
        }
    }
}
