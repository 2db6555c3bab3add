// SPDX-License-Identifier: MIT
// Loaded into `backup` (LD_PRELOAD), it sends the process the signal SHIM_SIGNAL at the call SHIM_CALL, such as `link 1 before`
// or `fsync 2 after`: the first or second one that concerns an unfinished copy. The thread that makes the call goes no
// further, so what the signal does is done at this very point.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char call[16], moment[16];
static int number, signal_number;
static atomic_int calls;

__attribute__((constructor)) static void start(void) {
    const char *text = getenv("SHIM_CALL"), *what = getenv("SHIM_SIGNAL");
    if (text && sscanf(text, "%15s %d %15s", call, &number, moment) != 3) abort();
    if (what) signal_number = atoi(what);
}

static int concerns(const char *path) { return strstr(path, "/.ig-shop-auth-backup.") != NULL; }

// Whether it is the call that was named.
static int is_it(const char *name, const char *path) {
    return signal_number && !strcmp(name, call) && concerns(path) && atomic_fetch_add(&calls, 1) + 1 == number;
}

static void meet(int it, const char *now) {
    if (!it || strcmp(now, moment)) return;
    kill(getpid(), signal_number);
    for (;;) pause();
}

#define MEET(name, path, made)                  \
    int it = is_it(name, path);                 \
    meet(it, "before");                         \
    __typeof__(made) result = made;             \
    int error = errno;                          \
    meet(it, "after");                          \
    errno = error;                              \
    return result

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int mkdir(const char *path, mode_t mode) { MEET("mkdir", path, REAL(mkdir)(path, mode)); }
int link(const char *path, const char *other) { MEET("link", path, REAL(link)(path, other)); }
int unlink(const char *path) { MEET("unlink", path, REAL(unlink)(path)); }
int rmdir(const char *path) { MEET("rmdir", path, REAL(rmdir)(path)); }

static const char *path_of(int file, char path[PATH_MAX]) {
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", file);
    ssize_t length = readlink(self, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return path;
}

int fsync(int file) {
    char path[PATH_MAX];
    MEET("fsync", path_of(file, path), REAL(fsync)(file));
}

int fdatasync(int file) {
    char path[PATH_MAX];
    MEET("fdatasync", path_of(file, path), REAL(fdatasync)(file));
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off_t offset) {
    char path[PATH_MAX];
    MEET("pwrite", path_of(file, path), REAL(pwrite64)(file, bytes, length, offset));
}
