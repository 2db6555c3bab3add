// SPDX-License-Identifier: MIT
import Glibc

/// TLS ports in front of a plain one: a good one, and one for each way not to be trusted.
final class TLSFront: Sendable {
    enum Door: String, Sendable, CaseIterable {
        case good, http2, expired, wrongHost, selfSigned, oldVersion

        fileprivate var leaf: Authority.Leaf { Authority.Leaf(rawValue: rawValue) ?? .good }
        fileprivate var options: String {
            self == .oldVersion ? "http/1.1,1.0" : self == .http2 ? "h2+http/1.1," : "http/1.1,"
        }
    }

    private let ports: [Door: Int]
    private let child: Child

    init(_ authority: Authority, before backend: Int) async throws {
        var ports: [Door: Int] = [:]
        for door in Door.allCases { ports[door] = try Ports.free() }
        let words = ports.map { door, port in
            "\(port),\(authority.certificate(door.leaf)),\(authority.key(door.leaf)),\(door.options)"
        }
        let pipe = try PipeReader()
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        self.ports = ports
        child = try Child(
            "python3",
            [Programs.repository + "/Tests/SystemTests/Hostile/tls-front.py", "\(backend)"] + words,
            output: pipe.writing, error: null)
        close(pipe.writing)
        pipe.start()
        let child = child
        _ = try await eventually("the TLS front") {
            guard child.isRunning else { throw Missing("the TLS front has ended") }
            return pipe.text.contains("ready") ? () : nil
        }
    }

    func port(_ door: Door) -> Int { ports[door]! }

    func stop() async { await child.killed() }
}
