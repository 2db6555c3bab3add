// SPDX-License-Identifier: MIT
import Connect
import Glibc

/// Where `ig-shop-auth reload` and the service leave each other notes: a directory of the service's own. A request is a
/// name that nobody used before, and a verdict begins with the name of the request that it answers.
struct ReloadDesk: Sendable {
    enum Verdict: Equatable, Sendable {
        /// What is in force now, a line each.
        case inForce([String])
        case refused([String])
    }

    struct Failure: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    /// Bytes of a note that are read.
    private static let limit = 1 << 20

    let directory: String

    /// - Parameter environment: RUNTIME_DIRECTORY, of which systemd makes a list where the unit names several.
    init?(environment: [String: String]) {
        guard let first = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first, first.hasPrefix("/") else {
            return nil
        }
        directory = String(first)
    }

    private var request: String { directory + "/reload" }
    private var verdict: String { directory + "/reload.verdict" }
    var lock: String { directory + "/reload.lock" }

    func ask(_ id: String) throws(Failure) { try write(id + "\n", to: request) }

    /// The request that is there now.
    func asked() -> String? { read(request)?.first }

    func answer(_ id: String, _ answer: Verdict) throws(Failure) {
        let lines =
            switch answer {
            case .inForce(let lines): [id, "in force"] + lines
            case .refused(let lines): [id, "refused"] + lines
            }
        try write(lines.map { $0 + "\n" }.joined(), to: verdict)
    }

    /// nil: none yet, or of another request.
    func verdict(on id: String) -> Verdict? {
        guard let lines = read(verdict), lines.count > 1, lines[0] == id else { return nil }
        let rest = Array(lines[2...])
        return lines[1] == "in force" ? .inForce(rest) : .refused(rest)
    }

    private func read(_ path: String) -> [String]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.limit {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Under another name first: nobody reads half a note. No secret is in it.
    private func write(_ text: String, to path: String) throws(Failure) {
        let new = path + ".new"
        let file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw Failure(path: new, code: errno) }
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let count = bytes[at...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Failure(path: new, code: errno)
                close(file)
                unlink(new)
                throw failure
            }
            at += count
        }
        close(file)
        guard rename(new, path) == 0 else { throw Failure(path: path, code: errno) }
    }
}
