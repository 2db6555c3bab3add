// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include "CCurl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int ccurl_epoll_create(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

int ccurl_epoll_watch(int epoll, int descriptor, int what) {
    if (what == CURL_POLL_REMOVE) return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
    struct epoll_event event = {.data.fd = descriptor};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    // A number that is new to epoll is also one that was closed and came back: closing removes it.
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    return errno == ENOENT ? epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) : -1;
}

int ccurl_epoll_wait(int epoll, ccurl_ready *ready, int capacity, int timeout_ms) {
    enum { most = 64 };
    struct epoll_event events[most];
    int count = epoll_wait(epoll, events, capacity < most ? capacity : most, timeout_ms);
    for (int i = 0; i < count; i++) {
        ready[i] = (ccurl_ready){.descriptor = events[i].data.fd};
        if (events[i].events & (EPOLLIN | EPOLLHUP)) ready[i].readiness |= CURL_CSELECT_IN;
        if (events[i].events & EPOLLOUT) ready[i].readiness |= CURL_CSELECT_OUT;
        if (events[i].events & EPOLLERR) ready[i].readiness |= CURL_CSELECT_ERR;
    }
    return count;
}

int ccurl_wake_create(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

// A full counter (EAGAIN) is readable already, which is all that a wake-up wants.
void ccurl_wake_signal(int wake) {
    uint64_t one = 1;
    (void)!write(wake, &one, sizeof one);
}

void ccurl_wake_clear(int wake) {
    uint64_t count;
    (void)!read(wake, &count, sizeof count);
}

void ccurl_thread_settle(const char *name) {
    sigset_t every;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, NULL);  // SIGPIPE among them: CURLOPT_NOSIGNAL leaves it to the program
    pthread_setname_np(pthread_self(), name);
}
