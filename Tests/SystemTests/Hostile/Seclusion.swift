// SPDX-License-Identifier: MIT
import Foundation

/// Files of the system as one program is to see them: in a mount namespace of its own, which only root may have. Whom
/// the program trusts and asks for names is no setting of its own, and does not become one for a test.
final class Seclusion: Sendable {
    static let isPossible = Stage.canMount

    static let trusted = "/etc/ssl/certs/ca-certificates.crt"
    static let hosts = "/etc/hosts"
    static let resolver = "/etc/resolv.conf"

    let directory: String
    /// Becomes the program it is given, in that namespace.
    let wrapper: [String]

    /// - Parameter files: What each path is to hold.
    init(_ files: [String: String]) throws {
        directory = try Self.temporaryDirectory()
        var script = "set -e; "
        for (number, file) in files.sorted(by: { $0.key < $1.key }).enumerated() {
            let path = "\(directory)/\(number)"
            try file.value.write(toFile: path, atomically: false, encoding: .utf8)
            script += "mount --bind '\(path)' '\(file.key)'; "
        }
        wrapper = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script + "exec \"$@\"", "secluded"]
    }

    deinit { Self.remove(directory) }

    static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/ig-secluded.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, directory)
        return directory
    }

    static func remove(_ directory: String) {
        try? FileManager.default.removeItem(atPath: directory)
        Janitor.shared.forget(.directory, directory)
    }
}

/// A certificate authority that lives for one test, and what it vouches for.
final class Authority: Sendable {
    /// The names that Instagram has; all of them are this machine in `hosts`.
    static let name = "graph.instagram.com"
    static let hosts = "127.0.0.1 localhost api.instagram.com \(name)\n"

    enum Leaf: String, Sendable, CaseIterable {
        case good, expired, wrongHost, selfSigned
    }

    private let directory: String

    init() async throws {
        directory = try Seclusion.temporaryDirectory()
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
        try await openssl("req -x509 \(key) ca.key -out ca.pem -days 2 -subj /CN=throw-away")
        for leaf in Leaf.allCases {
            let name = leaf == .wrongHost ? "www.example.com" : Self.name
            let names =
                "-subj /CN=\(name) -addext subjectAltName=DNS:\(name),DNS:\(name.replacing("graph", with: "api"))"
            if leaf == .selfSigned {
                try await openssl("req -x509 \(key) \(leaf).key -out \(leaf).pem -days 2 \(names)")
            } else {
                try await openssl("req -new \(key) \(leaf).key -out \(leaf).csr \(names)")
                let life = leaf == .expired ? "-days -1" : "-days 2"
                let signed = "-CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy"
                try await openssl("x509 -req -in \(leaf).csr -out \(leaf).pem \(signed) \(life)")
            }
        }
    }

    deinit { Seclusion.remove(directory) }

    /// Of `req` and `x509`, which know no directory.
    private func openssl(_ words: String) async throws {
        let arguments = words.split(separator: " ").map { word in
            [".key", ".pem", ".csr"].contains { word.hasSuffix($0) } ? "\(directory)/\(word)" : String(word)
        }
        try await Command.succeed("openssl", arguments)
    }

    func bundle() throws -> String { try String(contentsOfFile: directory + "/ca.pem", encoding: .utf8) }
    func certificate(_ leaf: Leaf) -> String { "\(directory)/\(leaf).pem" }
    func key(_ leaf: Leaf) -> String { "\(directory)/\(leaf).key" }
    var path: String { directory }
}
