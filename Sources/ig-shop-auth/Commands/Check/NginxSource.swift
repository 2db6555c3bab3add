// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// Where nginx's configuration is read from.
enum NginxSource: Equatable {
    /// What `nginx -T` says on this machine.
    case machine
    /// A file with what it said, or `-` for standard input.
    case file(String)

    /// Why there is nothing to look at.
    enum Silence: Error, Equatable, CustomStringConvertible {
        /// No fault: nginx is elsewhere, or only root may ask it.
        case unknown(String)
        case fault(String)

        var description: String {
            switch self {
            case .unknown(let why), .fault(let why): why
            }
        }
    }

    func dump() throws(Silence) -> String {
        switch self {
        case .machine: return try Self.asked()
        case .file(let path):
            do {
                let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
                guard let handle else { throw CocoaError(.fileNoSuchFile) }
                return String(decoding: try handle.read(upToCount: Self.bound) ?? Data(), as: UTF8.self)
            } catch {
                throw .fault("\(path) cannot be read")
            }
        }
    }

    private static let bound = 16 << 20

    private static func asked() throws(Silence) -> String {
        let folders = ["/usr/sbin", "/usr/local/sbin", "/usr/bin", "/usr/local/bin"]
        guard let nginx = folders.map({ $0 + "/nginx" }).first(where: { access($0, X_OK) == 0 }) else {
            throw .unknown(
                "cannot tell how nginx is set up: it is not on this machine; --nginx FILE reads its `nginx -T`")
        }
        guard geteuid() == 0 else {
            throw .unknown(
                "cannot tell how nginx is set up: run as root, or give what `nginx -T` says with --nginx FILE")
        }
        guard let said = Spoken.by(nginx, ["-T", "-q"], bound: bound, within: 20) else {
            throw .fault("\(nginx) -T does not answer")
        }
        guard said.isSuccess else {
            let why = NginxRefusal(said.error)?.description ?? "it says nothing"
            throw .fault("nginx refuses its configuration: \(why); `nginx -t` says the whole of it")
        }
        return said.output
    }
}
