// SPDX-License-Identifier: MIT
import Glibc

/// The responder's disk: it fails what a test tells it to fail, and records what it was made to keep.
struct DiskShim: Shim {
    /// As in Shims/disk.c.
    struct Operations: OptionSet {
        let rawValue: Int64
        static let write = Self(rawValue: 1)
        static let sync = Self(rawValue: 2)
        static let truncate = Self(rawValue: 4)
        static let create = Self(rawValue: 8)
        static let unlink = Self(rawValue: 16)
    }

    struct Files: OptionSet {
        let rawValue: Int64
        static let database = Self(rawValue: 1)
        static let log = Self(rawValue: 2)
        static let journal = Self(rawValue: 4)
        static let directory = Self(rawValue: 8)
        static let all: Self = [.database, .log, .journal, .directory]
    }

    private let library: String
    private let control: SharedNumbers
    private let trace: String?

    /// - Parameter records: Nothing is synced then, but `trace` says when it should have been.
    init(records: Bool = false) async throws {
        library = try await Shims.disk.value
        control = try SharedNumbers(count: 8)
        trace = records ? control.path + ".trace" : nil
    }

    func environment(_ stage: Stage) -> [String: String] {
        var environment = [
            "LD_PRELOAD": library, "SHIM_CONTROL": control.path, "SHIM_DIRECTORY": stage.databaseDirectory,
        ]
        environment["SHIM_TRACE"] = trace
        return environment
    }

    /// From the call on that comes after so many, that many of them fail.
    func fail(
        _ error: Int32, _ operations: Operations, on files: Files, after skip: Int = 0, times: Int = .max,
        halfWritten: Bool = false
    ) {
        control[0] = 0
        control[1] = operations.rawValue
        control[2] = files.rawValue
        control[3] = Int64(skip)
        control[4] = Int64(times)
        control[5] = halfWritten ? 1 : 0
        control[7] = 0
        control[0] = Int64(error)
    }

    /// What is made to last is waited for until it is healed.
    func hang() { control[0] = -1 }

    func heal() { control[0] = 0 }

    /// Calls that failed since the last `fail`.
    var failed: Int { Int(control[7]) }

    /// What was done up to now.
    func recorded() throws -> DiskTrace {
        guard let trace else { throw Missing("this shim records nothing") }
        return try DiskTrace(path: trace)
    }

    /// How much was done up to now: what an answer tells was done before it came.
    func position() -> Int {
        var status = stat()
        return stat(trace ?? "", &status) == 0 ? Int(status.st_size) : 0
    }
}
