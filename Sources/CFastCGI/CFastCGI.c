// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CFastCGI.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

// libfcgi's streams point into the FCGX_Request: it lives on the heap and is never copied.
struct fastcgi_request {
    FCGX_Request fcgx;
};

int fastcgi_initialise(void)
{
    // FCGX_Init installs handlers of its own for SIGTERM, SIGUSR1 and SIGPIPE: a process with them ignores
    // `systemctl stop`. What there was before stays.
    struct sigaction terminate, user;
    sigaction(SIGTERM, NULL, &terminate);
    sigaction(SIGUSR1, NULL, &user);
    int failed = FCGX_Init();
    sigaction(SIGTERM, &terminate, NULL);
    sigaction(SIGUSR1, &user, NULL);
    if (failed != 0)
        return failed;
    signal(SIGPIPE, SIG_IGN);
    return 0;
}

fastcgi_request *fastcgi_read(int connection)
{
    fastcgi_request *request = calloc(1, sizeof *request);
    if (request == NULL || FCGX_InitRequest(&request->fcgx, -1, 0) != 0) {
        free(request);
        close(connection);
        return NULL;
    }
    // FCGX_Accept_r first finishes "the previous request" of this struct and closes its connection unless it is kept,
    // and then accepts only if there is no connection: given one that is kept, it reads ours. On a bad stream it
    // closes it, tries to accept on descriptor -1 and returns that error.
    request->fcgx.ipcFd = connection;
    request->fcgx.keepConnection = 1;
    // Without `detached`, closing shuts the write side down and waits up to 2 s for the peer. FCGX_Accept_r clears it.
    request->fcgx.detached = 1;
    if (FCGX_Accept_r(&request->fcgx) != 0) {
        free(request);
        return NULL;
    }
    request->fcgx.detached = 1;
    // FCGX_Accept_r takes this from the peer's FCGI_KEEP_CONN flag: an idle kept connection would hold resources here.
    request->fcgx.keepConnection = 0;
    // libfcgi hands over truncated requests as whole ones, with the error noted in the stream.
    if (FCGX_GetError(request->fcgx.in) != 0) {
        fastcgi_abandon(request);
        return NULL;
    }
    return request;
}

char *const *fastcgi_variables(const fastcgi_request *request)
{
    return request->fcgx.envp;
}

ptrdiff_t fastcgi_read_body(fastcgi_request *request, void *into, size_t count)
{
    int got = FCGX_GetStr(into, (int)count, request->fcgx.in);
    if (got < 0 || FCGX_GetError(request->fcgx.in) != 0)
        return -1;
    return got;
}

void fastcgi_answer(fastcgi_request *request, const void *head, size_t head_count, const void *body, size_t body_count)
{
    if (FCGX_PutStr(head, (int)head_count, request->fcgx.out) == (int)head_count && body_count > 0)
        FCGX_PutStr(body, (int)body_count, request->fcgx.out);
    FCGX_Finish_r(&request->fcgx);
    free(request);
}

void fastcgi_abandon(fastcgi_request *request)
{
    FCGX_Free(&request->fcgx, 1);
    free(request);
}

int linux_epoll_create(void)
{
    return epoll_create1(EPOLL_CLOEXEC);
}

int linux_epoll_add(int epoll, int descriptor, uint64_t token)
{
    // Edge-triggered: bytes that were peeked stay in the buffer and would keep a level-triggered poll ready for ever.
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.u64 = token};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int linux_epoll_remove(int epoll, int descriptor)
{
    return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int linux_epoll_wait(int epoll, linux_event *ready, int count, int milliseconds)
{
    struct epoll_event events[64];
    int got = epoll_wait(epoll, events, count < 64 ? count : 64, milliseconds);
    for (int i = 0; i < got; i++) {
        ready[i].token = events[i].data.u64;
        ready[i].ended = (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    }
    return got;
}

int linux_eventfd(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int linux_accept(int listening)
{
    int connection = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    // Urgent bytes stay in their place: some kernels show another stream to a peek than to a read otherwise.
    int yes = 1;
    if (connection >= 0)
        setsockopt(connection, SOL_SOCKET, SO_OOBINLINE, &yes, sizeof yes);
    return connection;
}

ptrdiff_t linux_peek(int connection, void *into, size_t count)
{
    ptrdiff_t got;
    do
        got = recv(connection, into, count, MSG_PEEK | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got;
}

int linux_bound_accept(int listening)
{
    /* socket(7): accept() on a socket that blocks ends with EAGAIN then. Rounded up to a tick of the kernel. */
    struct timeval least = {.tv_usec = 1};
    return setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &least, sizeof least);
}

int linux_keep_nonblocking(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return flags & O_NONBLOCK ? 0 : fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
}

void linux_name_thread(const char *name)
{
    pthread_setname_np(pthread_self(), name);
}
