// SPDX-License-Identifier: MIT
// Loaded into a program (LD_PRELOAD), it stands between the program and the directory SHIM_DIRECTORY.
//
// It fails what it is told to: SHIM_CONTROL is a file of 64-bit numbers, which may change at any time. And it records
// what is done to the files, and when it was made to last, in SHIM_TRACE: of that, a test makes what is left on a disk
// when the power fails. Then nothing is really synced, which is slow and would prove nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum operation { WRITE = 1, SYNC = 2, TRUNCATE = 4, CREATE = 8, UNLINK = 16 };
enum file { DATABASE = 1, WAL = 2, JOURNAL = 4, DIRECTORY = 8 };

struct control {
    int64_t error;       // errno; 0: nothing fails; -1: a sync hangs as long as it is that
    int64_t operations;  // of these
    int64_t files;       // on these
    int64_t skip;        // so many are still let through
    int64_t count;       // so many fail then
    int64_t half;        // a write that fails writes half of it first
    int64_t passed;      // told by us: how many were let through, and how many failed
    int64_t failed;
};

// As it is written to the trace, followed by the file's name and the bytes.
struct record {
    int64_t operation, offset, length, name;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct control *control;
static char directory[256];
static size_t directory_length;
static int trace = -1;

// What a descriptor is open on. Sockets and pipes are never written to with pwrite, so what is out of date harms nobody.
static struct opened {
    enum file kind;
    char name[64];
} opened[4096];

static int (*real_open)(const char *, int, ...);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_fdatasync)(int);
static int (*real_fsync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void start(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    const char *path = getenv("SHIM_DIRECTORY");
    if (path && strlen(path) < sizeof directory) directory_length = strlen(strcpy(directory, path));
    if ((path = getenv("SHIM_TRACE"))) trace = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int file = (path = getenv("SHIM_CONTROL")) ? real_open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED) control = map;
}

// The kind of a file in the directory, with its name there; 0 for all others, and for what needs not last.
static enum file kind(const char *path, char name[64]) {
    if (!directory_length || !path || strncmp(path, directory, directory_length)) return 0;
    const char *rest = path + directory_length;
    if (!*rest) return name[0] = 0, DIRECTORY;
    if (*rest++ != '/' || strchr(rest, '/') || strlen(rest) >= 64) return 0;
    strcpy(name, rest);
    const char *suffix = strrchr(rest, '-'), *type = strrchr(rest, '.');
    if (suffix && !strcmp(suffix, "-shm")) return 0;
    if (suffix && !strcmp(suffix, "-wal")) return WAL;
    if (suffix && !strcmp(suffix, "-journal")) return JOURNAL;
    return type && !strcmp(type, ".sqlite3") ? DATABASE : 0;
}

static struct opened *of(int file) {
    return file >= 0 && file < 4096 && opened[file].kind ? &opened[file] : NULL;
}

// Whether this one is to fail. With the lock held.
static int fails(enum operation operation, enum file kind) {
    volatile struct control *now = control;
    if (!now || now->error <= 0 || !(now->operations & operation) || !(now->files & kind)) return 0;
    if (now->skip > 0 || now->count <= 0) {
        now->skip--;
        now->passed++;
        return 0;
    }
    now->count--;
    now->failed++;
    errno = (int)now->error;
    return 1;
}

// With the lock held: the order of the trace is the order of what happened.
static void note(enum operation operation, const char *name, off_t offset, const void *bytes, size_t length) {
    if (trace < 0) return;
    int kept = errno;
    struct record record = {operation, offset, (int64_t)length, (int64_t)strlen(name)};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)name, strlen(name)}, {(void *)bytes, bytes ? length : 0}};
    if (writev(trace, parts, 3) < 0) abort();
    errno = kept;
}

int open64(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    char name[64];
    enum file is = kind(path, name);
    if (!is) {
        int file = real_open(path, flags, mode);
        if (file >= 0 && file < 4096) opened[file].kind = 0;
        return file;
    }
    pthread_mutex_lock(&lock);
    struct stat status;
    int creates = flags & O_CREAT && stat(path, &status) != 0;
    int file = creates && fails(CREATE, is) ? -1 : real_open(path, flags, mode);
    if (file >= 0 && file < 4096) {
        opened[file].kind = is;
        strcpy(opened[file].name, name);
        if (creates) note(CREATE, name, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return file;
}

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open64(path, flags, mode);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off_t offset) {
    struct opened *is = of(file);
    if (!is) return real_pwrite(file, bytes, length, offset);
    pthread_mutex_lock(&lock);
    int fail = fails(WRITE, is->kind), error = errno;
    ssize_t written = fail && !control->half ? -1 : real_pwrite(file, bytes, fail ? length / 2 : length, offset);
    if (written > 0) note(WRITE, is->name, offset, bytes, (size_t)written);
    pthread_mutex_unlock(&lock);
    if (!fail) return written;
    errno = error;
    return -1;
}

static int synced(int file, int (*real)(int)) {
    struct opened *is = of(file);
    if (!is) return real(file);
    for (volatile struct control *now = control; now && now->error < 0;) usleep(1000);
    pthread_mutex_lock(&lock);
    int failed = fails(SYNC, is->kind) || (trace < 0 && real(file)) ? -1 : 0;
    if (!failed) note(SYNC, is->name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int fdatasync(int file) { return synced(file, real_fdatasync); }
int fsync(int file) { return synced(file, real_fsync); }

int ftruncate64(int file, off_t length) {
    struct opened *is = of(file);
    if (!is) return real_ftruncate(file, length);
    pthread_mutex_lock(&lock);
    int failed = fails(TRUNCATE, is->kind) ? -1 : real_ftruncate(file, length);
    if (!failed) note(TRUNCATE, is->name, length, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}

int unlink(const char *path) {
    char name[64];
    enum file is = kind(path, name);
    if (!is || is == DIRECTORY) return real_unlink(path);
    pthread_mutex_lock(&lock);
    int failed = fails(UNLINK, is) ? -1 : real_unlink(path);
    if (!failed) note(UNLINK, name, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return failed;
}
