// SPDX-License-Identifier: MIT
//
// LD_PRELOAD: each fsync and fdatasync takes two milliseconds more, as on a disk that has to turn or a volume across a
// network. The database is the only thing that these programs sync.

#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait(void) {
    struct timespec time = {.tv_nsec = 2000000};
    while (nanosleep(&time, &time)) continue;
}

int fsync(int descriptor) {
    wait();
    return syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
    wait();
    return syscall(SYS_fdatasync, descriptor);
}
