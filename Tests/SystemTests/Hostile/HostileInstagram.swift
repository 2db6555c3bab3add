// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport

/// Instagram on a bare TCP port. It plays the three calls well, but for the one at which a flow is to fail: the code
/// says which, and as the token of each answer it comes back with the next call.
final class HostileInstagram: Sendable {
    enum Step: String, Sendable, CaseIterable {
        case exchange, extend, profile

        fileprivate init?(_ request: String) {
            if request.hasPrefix("POST /oauth/access_token ") {
                self = .exchange
            } else if request.hasPrefix("GET /access_token?") {
                self = .extend
            } else if request.hasPrefix("GET /v25.0/me?") {
                self = .profile
            } else {
                return nil
            }
        }
    }

    /// What has arrived.
    struct Seen: Sendable {
        /// How often each code came.
        var codes: [String: Int] = [:]
        /// Calls by step and code.
        var calls: [String: Int] = [:]
        /// What is none of the three calls, or carries credentials in a header.
        var strange: [String] = []
        var http2 = 0
    }

    /// The reference that the scripts of the server share with us.
    private final class Ledger: Sendable {
        let seen = Mutex(Seen())
    }

    private let server: HostileServer
    private let ledger: Ledger

    /// - Parameters:
    ///   - faults: What happens in place of an answer, by name; the connection is closed after it.
    ///   - keepsConnections: Otherwise each answer is the last on its connection.
    ///   - http2: Takes over a connection that begins with HTTP/2's preface.
    init(
        _ faults: [String: HostileServer.Script] = [:], keepsConnections: Bool = true,
        http2: (@Sendable (HostileConnection, _ onRequest: () -> Void) -> Void)? = nil
    ) throws {
        let ledger = Ledger()
        self.ledger = ledger
        server = try HostileServer { connection in
            if let http2, connection.begins(with: "PRI") {
                return http2(connection) { ledger.seen.withLock { $0.http2 += 1 } }
            }
            while let request = connection.readRequest() {
                guard let step = Step(request), let code = Self.code(of: step, in: request) else {
                    return ledger.seen.withLock { $0.strange.append(request) }
                }
                ledger.seen.withLock { seen in
                    if step == .exchange { seen.codes[code, default: 0] += 1 }
                    seen.calls["\(step) \(code)", default: 0] += 1
                    if request.lowercased().contains("authorization:") { seen.strange.append(request) }
                }
                if let fault = faults[Self.fault(of: code, at: step) ?? ""] { return fault(connection) }
                let headers = keepsConnections ? "" : "Connection: close\r\n"
                guard connection.send(answer(Self.good(code), headers: headers)), keepsConnections else { return }
            }
        }
    }

    var port: Int { server.port }
    var url: String { "http://127.0.0.1:\(port)" }
    var seen: Seen { ledger.seen.withLock { $0 } }

    /// Settings that lead the program here.
    var settings: [String: String] { Self.settings(url) }

    /// The calls of a flow and no others: what follows a connection has a test of its own.
    static func settings(_ url: String) -> [String: String] {
        ["META_API_URL": url, "META_GRAPH_URL": url, "META_WEBHOOK_FIELDS": "none"]
    }

    /// A code that no other flow has; without a fault, one that connects an account of its own.
    static func code(_ fault: String? = nil, at step: Step = .exchange) -> String {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        return "\(step)~\(fault ?? "none")~\(number)"
    }

    private static let numbers = Mutex(0)

    /// A good answer to each of the three calls at once.
    static func good(_ code: String) -> String {
        let number = code.split(separator: "~").last ?? "0"
        let account = "1784" + String(repeating: "0", count: 13 - number.count) + number
        return GarbageReply.good.replacing("IGAA_canary_1", with: code).replacing("17841458366137975", with: account)
    }

    private static func fault(of code: String, at step: Step) -> String? {
        let parts = code.split(separator: "~")
        return parts.count == 3 && parts[0] == step.rawValue ? String(parts[1]) : nil
    }

    private static func code(of step: Step, in request: String) -> String? {
        let name = step == .exchange ? "&code=" : "access_token="
        guard let start = request.firstRange(of: name)?.upperBound else { return nil }
        return String(request[start...].prefix { !"& \r\n".contains($0) })
    }
}
