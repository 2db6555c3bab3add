// SPDX-License-Identifier: MIT
import Vault

/// The flow cookies of one request: each flow has its own, so that tabs do not disturb one another.
struct FlowCookies {
    static let prefix = "__Host-ig_flow_"
    /// Flows open in one browser. The sixth drops the oldest, so that the header never grows too large.
    static let maximum = 5
    /// Ended by one answer, so that its header block stays below nginx's buffer.
    private static let maximumDropped = 8

    private let header: CookieHeader
    private let keyring: Keyring
    private let origins: [String]
    private let now: Moment

    /// - Parameter origins: The allowed ones, on which a flow may end.
    init(_ header: CookieHeader, keyring: Keyring, origins: [String] = [], now: Moment) {
        self.header = header
        self.keyring = keyring
        self.origins = origins
        self.now = now
    }

    static func name(_ id: FlowID) -> String { prefix + id.tag }

    /// The ticket of a callback's `state`, if this browser carries it, once, untouched and in time (checklist 4). Whose it
    /// is, is for the caller to ask.
    func ticket(state: String) -> FlowTicket? {
        guard let value = header.value(Self.name(FlowID(state: state))), let ticket = verified(value) else {
            return nil
        }
        guard Digest.constantTimeEqual(ticket.state.utf8, state.utf8), ticket.isOpen(at: now) else { return nil }
        return ticket
    }

    /// `Set-Cookie` values for a new flow: its own, and an end for the oldest ones that are too many.
    func adding(_ ticket: FlowTicket) -> [String] {
        let open = open()
        let excess = min(open.count - (Self.maximum - 1), Self.maximumDropped)
        let dropped =
            excess > 0
            ? open.sorted { $0.ticket.issuedAt.uptime.bits < $1.ticket.issuedAt.uptime.bits }.prefix(excess) : []
        return [Self.setCookie(Self.name(ticket.id), keyring.sign(ticket.payload, for: .flow), FlowTicket.lifetime)]
            + dropped.map { Self.setCookie($0.name, "", 0) }
    }

    /// Flows that this browser has open.
    var openFlows: [FlowID] { open().map(\.ticket.id) }

    /// Flows that this browser has open. What does not verify neither counts nor evicts.
    private func open() -> [(name: String, ticket: FlowTicket)] {
        header.pairs.filter { $0.name.starts(with: Self.prefix.utf8) }.compactMap { name, value in
            guard let ticket = verified(value), ticket.isOpen(at: now) else { return nil }
            let expected = Self.name(ticket.id)
            return name.elementsEqual(expected.utf8) ? (expected, ticket) : nil
        }
    }

    private func verified(_ value: Substring.UTF8View) -> FlowTicket? {
        keyring.verify(value, for: .flow).flatMap { FlowTicket(payload: $0, origins: origins) }
    }

    /// Lax, because the way back from Instagram is cross-site: Strict would lose it (RFC 6265bis, section 5.5.7).
    static func setCookie(_ name: String, _ value: String, _ maxAge: Int64) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(maxAge); Secure; HttpOnly; SameSite=Lax"
    }
}
