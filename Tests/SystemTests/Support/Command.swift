// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A program that runs to its end, with what it said.
struct Command: Sendable {
    let end: Child.End
    let output: String
    let error: String

    var lines: [String] { error.split(separator: "\n").map(String.init) }

    @discardableResult
    static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], input: String = "",
        within limit: Duration = .seconds(30)
    ) async throws -> Command {
        let given = try Scratch(input)
        let output = try Scratch()
        let error = try Scratch()
        let child = try Child(
            program, arguments, environment: environment, input: given.descriptor, output: output.descriptor,
            error: error.descriptor)
        let late = Task {
            try await Task.sleep(for: limit)
            child.signal(SIGKILL)
        }
        defer { late.cancel() }
        return Command(end: await child.end(), output: output.text, error: error.text)
    }

    /// The same, and anything but success is an error.
    @discardableResult
    static func succeed(_ program: String, _ arguments: [String], environment: [String: String] = [:]) async throws
        -> Command
    {
        let command = try await run(program, arguments, environment: environment)
        guard command.end == .exit(0) else {
            throw Missing("\(program) \(arguments.joined(separator: " ")): \(command.end) \(command.error)")
        }
        return command
    }
}

/// A file without a name, which takes any amount of output while nobody reads.
private final class Scratch {
    let descriptor: Int32

    /// - Parameter text: What is in it, from its beginning.
    init(_ text: String = "") throws {
        var template = Array("/tmp/ig-output.XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Missing("no scratch file") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        let bytes = Array(text.utf8)
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw Missing("no room for an input") }
    }

    deinit { close(descriptor) }

    var text: String {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: max(size, 0))
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}
