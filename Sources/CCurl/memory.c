// SPDX-License-Identifier: MIT
// libcurl keeps copies of URL, headers and body in memory of its own. Through these functions they are overwritten when
// it frees them. Out of reach, because they allocate by themselves: nghttp2's queue and OpenSSL's record buffers.
#define _GNU_SOURCE
#include "CCurl.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void wiping_free(void *memory) {
    if (memory) explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

// realloc could leave the old bytes behind, so it moves by hand. Shrinking in place loses nothing but slack.
static void *wiping_realloc(void *memory, size_t size) {
    size_t had = memory ? malloc_usable_size(memory) : 0;
    if (memory && size && size <= had) return memory;
    void *grown = malloc(size);
    if (grown && memory) {
        memcpy(grown, memory, had < size ? had : size);
        wiping_free(memory);
    }
    return grown;
}

CURLcode ccurl_start(void) {
    // With this variable set, curl_global_init opens a file and every TLS session key is written to it
    // (curl 7.88.1, lib/vtls/keylog.c). Nobody sets it for this service; whoever does gets no keys.
    if (getenv("SSLKEYLOGFILE")) unsetenv("SSLKEYLOGFILE");
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup, calloc);
}
