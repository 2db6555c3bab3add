// SPDX-License-Identifier: MIT
import Connect
import Gateway
import Glibc
import HTTPTypes
import Logging
import Vault

/// Between the FastCGI edge and the product: the one place that knows the names nginx uses.
struct Inside: Sendable {
    let site: Site
    let journal: Journal
    let metrics: Metrics
    /// The listening socket outlives this process.
    let isHandedOver: Bool

    func answer(_ received: GatewayRequest) async -> GatewayResponse {
        let began = Self.microseconds()
        let request = Request(
            head: received.head, body: received.bodyExceedsLimit ? [0] : received.body,
            id: Self.requestID(received.variable("REQUEST_ID")),
            surface: received.variable("IG_SURFACE") == Request.Surface.private.rawValue ? .private : .public,
            remoteUser: received.variable("REMOTE_USER"),
            edge: received.variable("IG_EDGE").map(EdgeSecret.init(utf8:)))
        let answer = await site.answer(request)
        // Whoever answers it tells of it.
        if !(answer.isBetterLeft && isHandedOver) {
            let microseconds = Self.microseconds() - began
            tell(answer, of: request, method: received.head.method, microseconds: microseconds)
            metrics.request(
                answer.route, method: received.head.method, status: answer.status.code, microseconds: microseconds)
        }
        var head = HTTPResponse(status: answer.status)
        head.headerFields = answer.fields
        return GatewayResponse(head: head, body: answer.body, isBetterLeft: answer.isBetterLeft)
    }

    private func tell(_ answer: Answer, of request: Request, method: HTTPRequest.Method, microseconds: Int) {
        journal.line(.info) { line in
            line.add("event", "request")
            line.add("request_id", request.id)
            line.add("method", Self.known(method))
            line.add("route", answer.route?.rawValue ?? "other")
            line.add("status", answer.status.code)
            if let error = answer.error { line.add("error", error.rawValue) }
            line.add("microseconds", microseconds)
        }
    }

    /// nginx's `$request_id`: 32 hexadecimal digits; anything else is replaced by one of ours.
    private static func requestID(_ given: String?) -> String {
        if let given, given.utf8.count == 32,
            given.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        {
            return given
        }
        let digits = Array("0123456789abcdef".utf8)
        let bytes = Randomness.system.bytes(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func known(_ method: HTTPRequest.Method) -> String {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return methods.contains(method) ? method.rawValue : "other"
    }

    private static func microseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
    }
}
