/* SPDX-License-Identifier: MIT
 * Stands where the program stands and tries what the service must not be able to do: one line each, "open" or the error. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <unistd.h>

static void tell(const char *what, int failed) {
    printf("probe %s: %s\n", what, failed ? strerror(errno) : "open");
    fflush(stdout);
}

static void writes(const char *path) {
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    char what[256];
    snprintf(what, sizeof what, "write %s", path);
    tell(what, file < 0);
    if (file >= 0) close(file);
}

static void reads(const char *path) {
    int file = open(path, O_RDONLY);
    char what[256];
    snprintf(what, sizeof what, "read %s", path);
    tell(what, file < 0);
    if (file >= 0) close(file);
}

static void opens(const char *what, int family, int type, int protocol) {
    int socket_ = socket(family, type, protocol);
    tell(what, socket_ < 0);
    if (socket_ >= 0) close(socket_);
}

/* "open" if the other program ran: it ends with 0, and we with the error number, which no program here has. */
static void runs(const char *path) {
    char what[256];
    snprintf(what, sizeof what, "exec %s", path);
    pid_t child = fork();
    if (child == 0) {
        execl(path, path, "-c", "", (char *)0);
        _exit(100 + errno);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) exit(1);
    int refused = WIFEXITED(status) && WEXITSTATUS(status) > 100;
    if (refused) errno = WEXITSTATUS(status) - 100;
    tell(what, refused);
}

int main(void) {
    const char *written[] = {
        "/etc/ig-shop-auth/keys", "/etc/probe", "/usr/bin/probe", "/var/lib/probe", "/var/log/probe", "/var/backups/ig-shop-auth/probe",
        "/run/probe", "/run/ig-shop-auth/probe", "/dev/shm/probe", "/root/probe", "/home/probe", "/srv/probe", "/boot/probe",
        "/sys/kernel/probe", "/proc/sys/kernel/core_pattern", "/tmp/probe", "/var/lib/ig-shop-auth/probe"};
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) writes(written[i]);
    const char *read[] = {"/home/owner/letter", "/root/letter", "/etc/credstore/ig-shop-auth.meta-app-secret", "/etc/shadow",
                          "/etc/nginx/ig-shop-auth-edge.conf", "/proc/1/environ", "/dev/sda", "/dev/kmsg", "/dev/mem", "/etc/ig-shop-auth/keys"};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) reads(read[i]);
    opens("socket netlink", AF_NETLINK, SOCK_RAW, 0);
    opens("socket packet", AF_PACKET, SOCK_RAW, 0);
    opens("socket vsock", AF_VSOCK, SOCK_STREAM, 0);
    opens("socket bluetooth", AF_BLUETOOTH, SOCK_RAW, 0);
    opens("socket alg", AF_ALG, SOCK_SEQPACKET, 0);
    opens("socket raw", AF_INET, SOCK_RAW, IPPROTO_ICMP);
    opens("socket inet", AF_INET, SOCK_STREAM, 0);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(18181)};
    tell("bind inet", bind(listener, (struct sockaddr *)&address, sizeof address));
    runs("/bin/sh");
    runs("/usr/bin/python3");
    runs("/usr/bin/env");
    tell("unshare", unshare(CLONE_NEWUSER));
    tell("mount", mount("none", "/tmp", "tmpfs", 0, ""));
    tell("ptrace", (int)ptrace(PTRACE_TRACEME, 0, 0, 0));
    void *page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    tell("code in memory", page == MAP_FAILED);
    tell("become root", setuid(0));
    tell("hostname", sethostname("probe", 5));
    tell("signal process 1", kill(1, 0));
    FILE *limits = fopen("/proc/self/limits", "r");
    char line[256];
    while (limits && fgets(line, sizeof line, limits))
        if (!strncmp(line, "Max core", 8)) printf("probe core limit: %s", line + 8);
    printf("probe end\n");
    return 0;
}
