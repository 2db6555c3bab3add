// SPDX-License-Identifier: MIT
//
// As much of an HTTP client as load needs: kept connections to one nginx on loopback, one request at a time on each.

#include "common.h"

struct reply {
    int status;
    char *head, *body;  // NUL after each
};

static int connected(int port, int poll, uint32_t token) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (descriptor < 0 || connect(descriptor, (void *)&address, sizeof address)) end("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = token};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)) end("epoll_ctl");
    return descriptor;
}

// What is there is put behind `used` bytes. 1: the reply is whole; 0: not yet; -1: it never will be.
static int received(int descriptor, char *bytes, int *used, struct reply *reply) {
    ssize_t count = recv(descriptor, bytes + *used, ROOM - 1 - *used, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) return -1;
    bytes[*used += count] = 0;
    char *head = strstr(bytes, "\r\n\r\n"), *length = strcasestr(bytes, "\r\ncontent-length:");
    if (!head) return *used == ROOM - 1 ? -1 : 0;
    if (length && length < head && bytes + *used < head + 4 + atoi(length + 17)) return 0;
    // Without a length nginx sends chunks; the last one is empty.
    if ((!length || length > head) && !strstr(head, "\r\n0\r\n\r\n")) return 0;
    *head = 0;
    *reply = (struct reply){.status = atoi(bytes + 9), .head = bytes, .body = head + 4};
    *used = 0;
    return 1;
}

static int ascending(const void *a, const void *b) {
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

// The smallest value that is not below so many of all (sorted).
static float percentile(const float *values, size_t count, double share) {
    size_t rank = (size_t)(share * count + 0.999999);
    return count ? values[rank ? rank - 1 : 0] : 0;
}
