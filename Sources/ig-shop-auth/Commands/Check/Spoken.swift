// SPDX-License-Identifier: MIT
import Glibc

/// What another program says until it ends.
struct Spoken {
    let isSuccess: Bool
    let output: String
    let error: String

    /// nil if it cannot be started or does not end in time.
    static func by(_ program: String, _ arguments: [String], bound: Int, within seconds: Int) -> Spoken? {
        var pipes: [[Int32]] = [[-1, -1], [-1, -1]]
        defer { for end in pipes.joined() where end >= 0 { close(end) } }
        for index in pipes.indices where pipe(&pipes[index]) != 0 { return nil }
        for end in pipes.joined() { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes[0][1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 2)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        // Nothing of ours in its environment, where secrets may be.
        var variables = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
        defer { for text in words + variables { free(text) } }
        var child: pid_t = 0
        guard posix_spawn(&child, program, &actions, nil, &words, &variables) == 0 else { return nil }
        for index in pipes.indices {
            close(pipes[index][1])
            pipes[index][1] = -1
        }
        let deadline = ContinuousClock.now + .seconds(seconds)
        // It may close both and go on.
        guard let texts = read(from: pipes.map { $0[0] }, bound: bound, until: deadline),
            let status = status(of: child, until: deadline)
        else {
            kill(child, SIGKILL)
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0, errno == EINTR {}
            return nil
        }
        return Spoken(isSuccess: status == 0, output: texts[0], error: texts[1])
    }

    /// How it ended; nil if it has not.
    private static func status(of child: pid_t, until deadline: ContinuousClock.Instant) -> Int32? {
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) != child {
            guard ContinuousClock.now < deadline else { return nil }
            usleep(1_000)
        }
        return status
    }

    /// Both to their ends; nil if that takes too long.
    private static func read(from ends: [Int32], bound: Int, until deadline: ContinuousClock.Instant) -> [String]? {
        var texts: [[UInt8]] = ends.map { _ in [] }
        var waiting = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while waiting.contains(where: { $0.fd >= 0 }) {
            guard ContinuousClock.now < deadline, texts.allSatisfy({ $0.count < bound }) else { return nil }
            guard poll(&waiting, nfds_t(waiting.count), 1_000) > 0 else { continue }
            for index in waiting.indices where waiting[index].fd >= 0 && waiting[index].revents != 0 {
                let count = Glibc.read(waiting[index].fd, &buffer, buffer.count)
                if count > 0 {
                    texts[index] += buffer[..<count]
                } else if count == 0 || errno != EINTR {
                    waiting[index].fd = -1
                }
            }
        }
        return texts.map { String(decoding: $0, as: UTF8.self) }
    }
}
