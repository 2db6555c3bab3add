// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A piece of C that is loaded into the responder and stands between it and the machine.
protocol Shim: Sendable {
    /// What the responder's environment says besides.
    func environment(_ stage: Stage) -> [String: String]
}

/// Shims/*.c, compiled once a run.
enum Shims {
    /// Of what is compiled, and of the files that steer it.
    static let directory: String = {
        var template = Array("/tmp/ig-shims.XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no directory")
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, path)  // gone when this process is
        return path
    }()

    static let backup = Task { try await compiled("backup") }
    static let clock = Task { try await compiled("clock") }
    static let disk = Task { try await compiled("disk") }
    static let confinement = Task { try await compiled("confinement") }
    static let libraries = Task { try await compiled("libraries") }

    private static func compiled(_ name: String) async throws -> String {
        let library = "\(directory)/\(name).so"
        let source = "\(Programs.repository)/Tests/SystemTests/Shims/\(name).c"
        try await Command.succeed("cc", ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", library, source])
        return library
    }
}

/// 64-bit numbers in a file, which a shim has mapped.
struct SharedNumbers {
    let path = "\(Shims.directory)/\(UUID().uuidString)"
    private let descriptor: Int32
    private let count: Int

    init(count: Int) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        self.count = count
        guard descriptor >= 0, ftruncate(descriptor, count * 8) == 0 else { throw Missing("no file at \(path)") }
    }

    subscript(index: Int) -> Int64 {
        get {
            var number: Int64 = 0
            pread(descriptor, &number, 8, index * 8)
            return number
        }
        nonmutating set {
            var number = newValue
            pwrite(descriptor, &number, 8, index * 8)
        }
    }
}
