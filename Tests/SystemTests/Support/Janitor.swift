// SPDX-License-Identifier: MIT
import Glibc
import Synchronization

/// Cleans up after tests that could not: a shell that reads what is there to be cleaned, and does it once the pipe
/// from this process is closed, however this process ended. Each child leads a group of its own, and the whole group is
/// ended: nginx's workers outlive their master.
final class Janitor: Sendable {
    enum Kind: String {
        case process, mount, directory
    }

    static let shared = Janitor()

    private let pipe: Mutex<Int32>
    private let shell: Child

    private init() {
        var ends: [Int32] = [0, 0]
        precondition(Glibc.pipe(&ends) == 0, "no pipe")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipe = Mutex(ends[1])
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer {
            close(null)
            close(ends[0])
        }
        // Not Foundation's Process, whose children wait unreaped: an exit test that looks for its own child would see
        // nobody else.
        do {
            shell = try Child(
                "/bin/bash", ["-c", Self.script], input: ends[0], output: null, error: null, isNoted: false)
        } catch {
            preconditionFailure("no janitor: \(error)")
        }
    }

    func note(_ kind: Kind, _ what: String) { say("+ \(kind.rawValue) \(what)\n") }
    func forget(_ kind: Kind, _ what: String) { say("- \(kind.rawValue) \(what)\n") }

    private func say(_ line: String) {
        pipe.withLock { pipe in
            let bytes = Array(line.utf8)
            _ = write(pipe, bytes, bytes.count)
        }
    }

    private static let script = """
        trap '' INT TERM HUP
        declare -A left
        while read -r sign kind what; do
            if [ "$sign" = + ]; then left["$kind $what"]=$kind; else unset "left[$kind $what]"; fi
        done
        for entry in "${!left[@]}"; do [ "${left[$entry]}" = process ] && kill -KILL -- "-${entry#* }"; done
        for entry in "${!left[@]}"; do [ "${left[$entry]}" = mount ] && umount -l "${entry#* }"; done
        for entry in "${!left[@]}"; do [ "${left[$entry]}" = directory ] && rm -rf "${entry#* }"; done
        """
}
