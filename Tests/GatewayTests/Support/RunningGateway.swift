// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import HTTPTypes
import Testing

/// A gateway on a path of its own, and what it reported.
struct RunningGateway: Sendable {
    let gateway: Gateway
    let path: String
    let events: Noticed<GatewayEvent>
    /// One value when `run()` has returned.
    let ended: Noticed<Void>
    /// One value for each call of `overdue`.
    let overdue: Noticed<Void>

    func connect() throws -> Peer {
        try Peer(path)
    }

    /// Sends a stream and waits for the answer; nil: closed without one.
    func ask(_ stream: RequestStream = RequestStream()) throws -> Answer? {
        try ask(stream.bytes)
    }

    func ask(_ bytes: [UInt8]) throws -> Answer? {
        let peer = try connect()
        peer.send(bytes)
        return try peer.answer()
    }
}

enum Library {
    /// libfcgi is initialised once in a process.
    static let isReady = Gateway.initialiseLibrary()
}

/// Runs a gateway around the body, stops it, and waits until its thread has ended.
func withGateway(
    _ limits: GatewayLimits = GatewayLimits(), handler: @escaping Gateway.Handler = echo,
    _ body: (RunningGateway) async throws -> Void
) async throws {
    let folder = TemporaryFolder()
    let path = folder.path("gateway")
    let socket = try ListeningSocket.bound(to: path)
    defer { close(socket.descriptor) }
    try await withGateway(on: socket, path: path, limits, handler: handler, body)
    withExtendedLifetime(folder) {}
}

func withGateway(
    on socket: ListeningSocket, path: String, _ limits: GatewayLimits = GatewayLimits(),
    handler: @escaping Gateway.Handler = echo, _ body: (RunningGateway) async throws -> Void
) async throws {
    try #require(Library.isReady)
    let (events, ended, overdue) = (Noticed<GatewayEvent>(), Noticed<Void>(), Noticed<Void>())
    let gateway = try Gateway(
        socket: socket, limits: limits, observe: { events.add($0) }, overdue: { overdue.add(()) }, handler: handler)
    // Detached: it does not run on the test's own thread.
    let running = Task.detached {
        await gateway.run()
        ended.add(())
    }
    defer { gateway.stop() }
    try await body(
        RunningGateway(gateway: gateway, path: path, events: events, ended: ended, overdue: overdue))
    gateway.stop()
    await running.value
}

/// Answers with what arrived, one fact a line, the body after an empty one.
@Sendable func echo(_ request: GatewayRequest) async -> GatewayResponse {
    plain(facts(request))
}

func facts(_ request: GatewayRequest) -> String {
    let head = request.head
    let first = "\(head.method) \(head.scheme ?? "-") \(head.path ?? "-") \(request.bodyExceedsLimit ? "too long" : "")"
    let fields = head.headerFields.map { "\($0.name): \($0.value)" }
    return ([first] + fields + ["", String(decoding: request.body, as: UTF8.self)]).joined(separator: "\n")
}

func plain(_ text: String, status: HTTPResponse.Status = .ok) -> GatewayResponse {
    GatewayResponse(
        head: HTTPResponse(status: status, headerFields: [.contentType: "text/plain"]), body: [UInt8](text.utf8))
}

func limits(_ change: (inout GatewayLimits) -> Void) -> GatewayLimits {
    var limits = GatewayLimits()
    change(&limits)
    return limits
}
