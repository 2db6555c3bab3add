// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A process that a test started. Its id is only used while it is ours: nobody else can be hit by a signal.
final class Child: Sendable {
    enum End: Equatable, Sendable {
        case exit(Int32)
        case signal(Int32)
    }

    private struct State {
        var end: End?
        var waiting: [CheckedContinuation<End, Never>] = []
    }

    /// POSIX_SPAWN_SETSID of spawn.h, which only `_GNU_SOURCE` shows.
    private static let newSession: Int16 = 0x80

    let pid: pid_t
    /// Known to the janitor, who is a child himself.
    private let isNoted: Bool
    private let state = Mutex(State())

    /// Starts a program in a session of its own, so that Ctrl-C reaches the tests alone. Descriptors stay
    /// the caller's; all that a test opens are close-on-exec.
    ///
    /// - Parameters:
    ///   - environment: Besides this, a child sees what the loader and the sanitizers need, and PATH.
    ///   - isNoted: The janitor ends it if this process cannot.
    init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: Int32? = nil,
        output: Int32, error: Int32, isNoted: Bool = true
    ) throws {
        let passedOn = ["PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "HOME"]
        // No settings of a service that is installed on this machine.
        let own = ["IG_SHOP_AUTH_ENV_FILE": ""]
        let all = ProcessInfo.processInfo.environment.filter { passedOn.contains($0.key) }
            .merging(own.merging(environment) { $1 }) { $1 }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, error, 2)
        // Foundation's HTTP client would leave its sockets to every child.
        for number in Int32(3)..<512 { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | Self.newSession)

        var started: pid_t = 0
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        let failure = posix_spawnp(&started, program, &actions, &attributes, &words, &variables)
        guard failure == 0 else { throw Missing("\(program) cannot be started: \(String(cString: strerror(failure)))") }
        pid = started
        self.isNoted = isNoted
        if isNoted { Janitor.shared.note(.process, "\(pid)") }
        Thread.detachNewThread { [self] in reap() }
    }

    func signal(_ number: Int32) {
        state.withLock { state in
            if state.end == nil { kill(pid, number) }
        }
    }

    var isRunning: Bool { state.withLock { $0.end == nil } }

    /// How it ended, once it has.
    func end() async -> End {
        await withCheckedContinuation { continuation in
            let known: End? = state.withLock { state in
                if state.end == nil { state.waiting.append(continuation) }
                return state.end
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// SIGTERM, and SIGKILL for what is still there afterwards.
    @discardableResult
    func stop(within limit: Duration = .seconds(15)) async -> End {
        signal(SIGTERM)
        let late = Task {
            try await Task.sleep(for: limit)
            self.signal(SIGKILL)
        }
        defer { late.cancel() }
        return await end()
    }

    @discardableResult
    func killed() async -> End {
        signal(SIGKILL)
        return await end()
    }

    /// Until the process has ended its id stays taken (WNOWAIT), so `signal` meets nobody else.
    private func reap() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let (end, waiting) = state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let end: End = status & 0x7f == 0 ? .exit(status >> 8 & 0xff) : .signal(status & 0x7f)
            state.end = end
            defer { state.waiting = [] }
            return (end, state.waiting)
        }
        if isNoted { Janitor.shared.forget(.process, "\(pid)") }
        for continuation in waiting { continuation.resume(returning: end) }
    }
}
