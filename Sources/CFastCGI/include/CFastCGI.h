// SPDX-License-Identifier: MIT
//
// libfcgi as one request on one connection that we accepted ourselves, and the few Linux calls that Swift's Glibc
// module lacks. No feature macros here: a header behind a module map that defines them builds in release only.

#ifndef CFASTCGI_H
#define CFASTCGI_H

#include <stddef.h>
#include <stdint.h>

/// A request that libfcgi has read whole. Owns its connection.
typedef struct fastcgi_request fastcgi_request;

/// Once in a process, before anything else here. Leaves SIGPIPE ignored. 0, or an error number.
int fastcgi_initialise(void);

/// Lets libfcgi read the request that lies whole in the receive buffer of `connection`. Takes the descriptor over,
/// also when it fails. NULL: libfcgi refused the bytes; the connection is closed.
fastcgi_request *fastcgi_read(int connection);

/// The CGI variables, `NAME=value`, ended by NULL. They die with the request.
char *const *fastcgi_variables(const fastcgi_request *request);

/// Reads at most `count` bytes of the body. Fewer: the body ended. -1: the stream was not whole.
ptrdiff_t fastcgi_read_body(fastcgi_request *request, void *into, size_t count);

/// Sends the answer (CGI header block and body), ends the request, closes the connection, frees everything. Nobody is
/// told when the peer was gone: libfcgi notices only what does not fit into its buffer.
void fastcgi_answer(fastcgi_request *request, const void *head, size_t head_count, const void *body, size_t body_count);

/// Ends a request without an answer: nginx sees a closed connection.
void fastcgi_abandon(fastcgi_request *request);

// Linux

int linux_epoll_create(void);
int linux_epoll_add(int epoll, int descriptor, uint64_t token);
int linux_epoll_remove(int epoll, int descriptor);
/// A descriptor that became ready, by its token. `ended`: its peer sends nothing more.
typedef struct {
    uint64_t token;
    int ended;
} linux_event;
/// Fills `ready` with at most `count` of them. Waits `milliseconds`, -1 for ever.
int linux_epoll_wait(int epoll, linux_event *ready, int count, int milliseconds);
int linux_eventfd(void);
/// A connected, close-on-exec socket that blocks (libfcgi's streams need that), or -1 with errno.
int linux_accept(int listening);
/// The bytes that wait in the receive buffer, left there. 0: the peer closed. -1: errno.
ptrdiff_t linux_peek(int connection, void *into, size_t count);
/// accept() on that socket waits for a tick of the kernel at most, also where somebody made it blocking.
int linux_bound_accept(int listening);
/// O_NONBLOCK is set, if it was not.
int linux_keep_nonblocking(int descriptor);
void linux_name_thread(const char *name);

#endif
