// SPDX-License-Identifier: MIT
// What Swift cannot say about libcurl (variadic setters) and about Linux (epoll, eventfd, thread names).
// No feature macros here: they belong in the .c files.
#pragma once

#include <curl/curl.h>
#include <stddef.h>

// Once a process: libcurl's state, with allocations that are wiped when freed and without SSLKEYLOGFILE.
CURLcode ccurl_start(void);

// Setters, one for each type that curl_easy_setopt takes.
CURLcode ccurl_set_long(CURL *easy, CURLoption option, long value);
CURLcode ccurl_set_text(CURL *easy, CURLoption option, const char *text);
CURLcode ccurl_set_pointer(CURL *easy, CURLoption option, void *pointer);
CURLcode ccurl_set_headers(CURL *easy, struct curl_slist *headers);
CURLcode ccurl_set_body_size(CURL *easy, size_t bytes);
CURLcode ccurl_on_header(CURL *easy, curl_write_callback callback, void *context);
CURLcode ccurl_on_body(CURL *easy, curl_write_callback callback, void *context);
CURLcode ccurl_on_upload(CURL *easy, curl_read_callback callback, void *context);
CURLcode ccurl_on_rewind(CURL *easy, curl_seek_callback callback, void *context);
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
CURLMcode ccurl_multi_on_socket(CURLM *multi, curl_socket_callback callback, void *context);
CURLMcode ccurl_multi_on_timer(CURLM *multi, curl_multi_timer_callback callback, void *context);

// Getters. Zero or NULL when libcurl does not know.
long ccurl_get_long(CURL *easy, CURLINFO info);
void *ccurl_get_pointer(CURL *easy);

// The next transfer that ended, or NULL; its outcome in *result.
CURL *ccurl_next_done(CURLM *multi, CURLcode *result);

// epoll, in libcurl's words: CURL_POLL_* to watch, CURL_CSELECT_* when ready. -1 and errno on failure.
typedef struct {
    int descriptor;
    int readiness;
} ccurl_ready;

int ccurl_epoll_create(void);
int ccurl_epoll_watch(int epoll, int descriptor, int what);
int ccurl_epoll_wait(int epoll, ccurl_ready *ready, int capacity, int timeout_ms);

// A counter that wakes epoll.
int ccurl_wake_create(void);
void ccurl_wake_signal(int wake);
void ccurl_wake_clear(int wake);

// For the calling thread: its name, and no signal is ever delivered to it.
void ccurl_thread_settle(const char *name);
