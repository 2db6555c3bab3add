// SPDX-License-Identifier: MIT
// Loaded into a program (LD_PRELOAD), it takes from it what systemd's SystemCallFilter=~@resources takes, with EPERM.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define REFUSED(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)

__attribute__((constructor)) static void start(void) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef SYS_getrlimit
        REFUSED(getrlimit),
        REFUSED(setrlimit),
#endif
        REFUSED(prlimit64),
        REFUSED(ioprio_set),
        REFUSED(mbind),
        REFUSED(migrate_pages),
        REFUSED(move_pages),
        REFUSED(sched_setaffinity),
        REFUSED(sched_setattr),
        REFUSED(sched_setparam),
        REFUSED(sched_setscheduler),
        REFUSED(set_mempolicy),
        REFUSED(setpriority),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) abort();
}
