// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport

/// As much of HTTP/2 (RFC 9113) as it takes to answer requests without reading them, and to fail them.
final class HTTP2Peer: Sendable {
    enum Act: Sendable {
        /// An answer that is good for whatever was asked.
        case answer
        /// RST_STREAM with REFUSED_STREAM: "the stream was not processed".
        case refuse
        /// RST_STREAM with INTERNAL_ERROR, before a byte of an answer.
        case fail
        /// GOAWAY that says this stream was not processed, and the end.
        case goAway
        /// GOAWAY that says it was processed, and the end all the same.
        case goAwayAfter
        case close
        case closeAfterHeaders
    }

    private let acts = Mutex<[Act]>([.answer])

    /// For the requests from now on, in turn; the last one repeats.
    func plan(_ acts: [Act]) { self.acts.withLock { $0 = acts } }

    private func next() -> Act {
        acts.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }

    private enum Kind {
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
    }

    /// Serves a connection until either side ends it.
    func serve(_ connection: HostileConnection, onRequest: () -> Void) {
        guard connection.receive(24) != nil else { return }  // the preface, section 3.4
        connection.send(Self.frame(Kind.settings, 0, 0, []))
        while let head = connection.receive(9) {
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
            guard let payload = connection.receive(length) else { return }
            switch head[3] {
            case Kind.settings where head[4] & 1 == 0: connection.send(Self.frame(Kind.settings, 1, 0, []))
            case Kind.ping where head[4] & 1 == 0: connection.send(Self.frame(Kind.ping, 1, 0, payload))
            case Kind.headers:
                onRequest()
                guard act(next(), stream, connection) else { return }
            default: break
            }
        }
    }

    /// False: the connection ends here.
    private func act(_ act: Act, _ stream: UInt32, _ connection: HostileConnection) -> Bool {
        let status: [UInt8] = [0x88]  // ":status: 200" of HPACK's static table (RFC 7541, appendix A)
        switch act {
        case .answer:
            let body = Array(HostileInstagram.good("exchange~none~2").utf8)
            return connection.send(Self.frame(Kind.headers, 4, stream, status) + Self.frame(0, 1, stream, body))
        case .refuse: return connection.send(Self.frame(Kind.reset, 0, stream, Self.number(7)))
        case .fail: return connection.send(Self.frame(Kind.reset, 0, stream, Self.number(2)))
        case .goAway, .goAwayAfter:
            let last = act == .goAway ? stream - 1 : stream
            connection.send(Self.frame(Kind.goAway, 0, 0, Self.number(last) + Self.number(0)))
        case .close: break
        case .closeAfterHeaders: connection.send(Self.frame(Kind.headers, 4, stream, status))
        }
        return false
    }

    private static func frame(_ kind: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        number(UInt32(payload.count)).dropFirst() + [kind, flags] + number(stream) + payload
    }

    private static func number(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
