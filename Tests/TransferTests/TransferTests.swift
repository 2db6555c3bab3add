// SPDX-License-Identifier: MIT
import Testing
import Transfer
import Vault

/// The parts are in the files beside this one. One after the other, because some measure time.
@Suite("Transfer", .serialized, .timeLimit(.minutes(1)))
struct TransferTests {}

/// Loopback without TLS, and no test that waits for a default deadline.
func limits(
    connect: Duration = .seconds(5), total: Duration = .seconds(20), replyBytes: Int = 256 << 10,
    connections: Int = 64, inFlight: Int = 5_000
) -> TransferLimits {
    TransferLimits(
        connectDeadline: connect, totalDeadline: total, replyBytes: replyBytes, connectionsPerHost: connections,
        inFlight: inFlight, allowsPlainHTTP: true)
}

func get(_ url: String, replay: OutboundRequest.Replay = .safe) -> OutboundRequest {
    OutboundRequest(name: "test-get", method: .get, url: url, replay: replay)
}

func post(_ url: String, form: String = "a=b", replay: OutboundRequest.Replay = .never) -> OutboundRequest {
    OutboundRequest(name: "test-post", method: .post, url: url, form: FormBody(utf8: form), replay: replay)
}

/// Runs a transfer around the body, stops it, and waits until its thread has ended.
func withTransfer<Result: Sendable>(
    _ limits: TransferLimits = limits(), _ body: (Transfer) async throws -> Result
) async throws -> Result {
    let transfer = Transfer(limits: limits)
    async let running: Void = transfer.run()
    defer { transfer.stop() }
    let result = try await body(transfer)
    transfer.stop()
    try await running
    return result
}

extension Transfer {
    /// The failure of a call, or nil when there was an answer.
    func failure(_ request: OutboundRequest) async -> TransferFailure? {
        do throws(TransferFailure) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }
}
