// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

extension Property {
    /// Input that begins with the byte 2 is a payload, which is signed here, as if it were ours; all else is a `Cookie`
    /// field.
    static let cookie = Property(name: "cookie") { bytes throws(Broken) in
        bytes.first == 2 ? try payload(Array(bytes)) : try header(String(decoding: bytes, as: UTF8.self))
    }

    /// 2026-01-01.
    private static let now = Moment(
        time: UnixTime(1_767_225_600), uptime: Boot(name: "boot".utf8).uptime(1_000_000))
    private static let keyring = try! Keyring(parsing: CookieKeys.all.joined(separator: "\n").utf8)
    private static let signers = CookieKeys.all.prefix(2).map { try! Keyring(parsing: $0.utf8) }

    /// Pairs are what stands between semicolons, no more and no less; nothing verifies that one of the first two keys did
    /// not sign, byte for byte; a flow is found by its name, once.
    private static func header(_ field: String) throws(Broken) -> Bool {
        let header = CookieHeader(field)
        let parts = field.utf8.split(separator: UInt8(ascii: ";")).filter { $0.contains(UInt8(ascii: "=")) }
        try promise(header.pairs.count == parts.count, "a pair is lost or invented")
        for (pair, part) in zip(header.pairs, parts) {
            let written = Array(pair.name) + [UInt8(ascii: "=")] + pair.value
            try promise(!pair.name.contains(UInt8(ascii: "=")), "a name with an equals sign")
            try promise(part.elementsEqual(written) || part.elementsEqual([UInt8(ascii: " ")] + written), "other bytes")
        }
        var found = false
        for pair in header.pairs {
            let isSingle = header.pairs.count { $0.name.elementsEqual(pair.name) } == 1
            let value = header.value(String(decoding: pair.name, as: UTF8.self))
            try promise((value != nil) == isSingle, "\(isSingle ? "a single cookie is lost" : "two of one name")")
            for purpose in CookiePurpose.allCases {
                guard let payload = keyring.verify(pair.value, for: purpose) else { continue }
                try promise(
                    signers.contains { $0.sign(payload, for: purpose).utf8.elementsEqual(pair.value) }, "forged")
                guard purpose == .flow, let ticket = FlowTicket(payload: payload) else { continue }
                let isNamed = pair.name.elementsEqual(FlowCookies.name(ticket.id).utf8)
                let flow = FlowCookies(header, keyring: keyring, now: now).ticket(
                    state: ticket.state)
                if isNamed {
                    try promise((flow == ticket) == (isSingle && ticket.isOpen(at: now)), "another flow")
                    found = true
                }
            }
        }
        try starts(header)
        guard let session = Session(header, keyring: keyring, now: now.time) else { return found }
        try promise(session.isAlive(at: now.time), "a session that is over")
        return true
    }

    /// Whatever a browser carries, a new flow can be added, in an answer that nginx passes on.
    private static func starts(_ header: CookieHeader) throws(Broken) {
        let ticket = FlowTicket.begin(at: now, generation: 1, returnTo: nil, random: .system)
        let cookies = FlowCookies(header, keyring: keyring, now: now).adding(ticket)
        try promise(cookies.reduce(0) { $0 + $1.utf8.count } < 2_560, "an answer too large")
        try promise(cookies.joined().utf8.allSatisfy { (0x20...0x7e).contains($0) }, "a cookie that is no field")
    }

    /// A payload that is taken comes back as it is, however absurd; no time in it stops the process.
    private static func payload(_ bytes: [UInt8]) throws(Broken) -> Bool {
        guard bytes.count <= SignedValue.maximumPayloadByteCount else { return false }
        let ticket = FlowTicket(payload: bytes)
        if let ticket {
            try promise(ticket.payload == bytes, "a ticket is another one")
            if let returnTo = ticket.returnTo { try stays(returnTo) }
            let field = "\(FlowCookies.name(ticket.id))=\(keyring.sign(bytes, for: .flow))"
            let found = FlowCookies(CookieHeader(field), keyring: keyring, now: now).ticket(
                state: ticket.state)
            try promise((found == ticket) == ticket.isOpen(at: now), "a ticket is not found again")
            try starts(CookieHeader(field))
        }
        let field = "\(Session.cookieName)=\(keyring.sign(bytes, for: .session))"
        guard let session = Session(CookieHeader(field), keyring: keyring, now: now.time) else { return ticket != nil }
        try promise(session.isAlive(at: now.time) && !session.user.isEmpty, "no session")
        let seen = session.isDueForNote(at: now.time) ? session.seen(at: now.time) : session
        let written = String(seen.cookie(keyring, now: now.time).prefix { $0 != ";" })
        try promise(Session(CookieHeader(written), keyring: keyring, now: now.time) == seen, "a session is another one")
        return true
    }
}

/// Keys of no use elsewhere: the cookies of the corpus are signed with them. The third verifies nothing.
enum CookieKeys {
    static let all = ["X", "Y", "Z"].map { "\($0) " + String(repeating: $0, count: 42) + "A" }
}
