// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// What lies in the program's memory, and in its environment where development puts the app secret.
@Suite
struct ProcessMemoryTests {
    /// Without the capabilities that open every process to root, root is a user like another.
    private static let ordinary =
        geteuid() == 0 ? ["setpriv", "--bounding-set=-sys_ptrace,-sys_admin,-perfmon"] : []

    @Test("No core dump is written, and no process of the same user looks into it (checklist 34, 45)")
    func isPrivate() async throws {
        try await Stage.run(Stage.Options(wrapper: Self.ordinary)) { stage in
            let responder = try #require(stage.responder).pid
            let limits = try String(contentsOfFile: "/proc/\(responder)/limits", encoding: .utf8)
            #expect(limits.contains(#/Max core file size +0 +0 /#))

            let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(nothing) }
            let words = Self.ordinary + ["sleep", "60"]
            let other = try Child(words[0], Array(words.dropFirst()), output: nothing, error: nothing)
            defer { other.signal(SIGKILL) }
            for file in ["environ", "maps", "exe"] {
                #expect(try await !Self.canRead(file, of: responder), "\(file)")
                let isRead = try await eventually("sleep") { try await Self.canRead(file, of: other.pid) ? true : nil }
                #expect(isRead, "or the look was none: another program's \(file) is read")
            }
        }
    }

    /// Some files of another process open and are empty.
    private static func canRead(_ file: String, of process: pid_t) async throws -> Bool {
        let words = ordinary + ["head", "-c", "1", "/proc/\(process)/\(file)"]
        return try await !Command.run(words[0], Array(words.dropFirst())).output.isEmpty
    }
}
