// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// What `make run` does after the build, on ports and in a directory of its own.
struct MakeRun: Sendable {
    let port: Int
    let directory: String

    var state: String { directory + "/run" }
    var output: String { (try? String(contentsOfFile: directory + "/output", encoding: .utf8)) ?? "" }

    static func use(_ body: (MakeRun) async throws -> Void) async throws {
        let port = try Ports.free(3)  // the stand-in's is the second: nobody else may answer there
        let run = MakeRun(port: port, directory: NSTemporaryDirectory() + "ig-make-run-\(port)")
        Janitor.shared.note(.directory, run.directory)
        defer {
            try? FileManager.default.removeItem(atPath: run.directory)
            Janitor.shared.forget(.directory, run.directory)
        }
        try FileManager.default.createDirectory(atPath: run.directory, withIntermediateDirectories: true)
        try await body(run)
    }

    /// From its start, through `body` once it is ready, to its end by SIGTERM.
    func start(_ environment: [String: String] = [:], _ body: () async throws -> Void) async throws -> Child.End {
        let file = open(directory + "/output", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        let own = ["BIN": Programs.directory, "PORT": "\(port)", "RUN_DIR": state]
        let running = try Child(
            Programs.nginxFiles + "/development/run", [], environment: own.merging(environment) { $1 }, output: file,
            error: file)
        do {
            _ = try await eventually("make run's last line") {
                guard running.isRunning else { throw Missing("it has ended: \(output)") }
                return output.contains("Ctrl-C stops it") ? true : nil
            }
            try await body()
        } catch {
            await running.stop()
            throw error
        }
        return await running.stop()
    }
}
