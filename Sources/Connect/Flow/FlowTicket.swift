// SPDX-License-Identifier: MIT
import Vault

/// One attempt to connect, as the browser carries it in its flow cookie, under a MAC.
struct FlowTicket: Sendable, Equatable {
    /// Seconds from the start in which a callback counts (RFC 6749, section 4.1.2, advises at most ten minutes for a
    /// code). Checked here, whatever the browser does with its cookie and whatever somebody does with the clock.
    static let lifetime: Int64 = 600

    /// 256 random bits.
    let stateBytes: [UInt8]
    /// The same as base64url: the `state` of the authorize URL.
    let state: String
    let issuedAt: Moment
    /// The database's counter when the flow began: what was let go later is not connected again by it.
    let generation: Int64
    /// Who began it, with identity `remote-user`; nobody else can finish it. With a link, the user whom it names.
    let user: String?
    /// It was begun with a link: what it connects has to be claimed.
    var link: Link?
    /// This flow replaces one whose code was sent by a process that died. It is not replaced in its turn.
    let isRestart: Bool
    /// Instagram asks for credentials although the browser is signed in there.
    let switchesAccount: Bool
    let returnTo: ReturnTo?

    struct Link: Sendable, Equatable {
        /// Who asked for the link.
        let agent: String
        let claim: OneTimeSecret
    }

    var id: FlowID { FlowID(state: state) }

    static func begin(
        at now: Moment, generation: Int64, user: String? = nil, link: Link? = nil, returnTo: ReturnTo?,
        isRestart: Bool = false, switchesAccount: Bool = false, random: Randomness
    ) -> FlowTicket {
        let bytes = random.bytes(32)
        return FlowTicket(
            stateBytes: bytes, state: Base64URL.encode(bytes), issuedAt: now, generation: generation, user: user,
            link: link, isRestart: isRestart, switchesAccount: switchesAccount, returnTo: returnTo)
    }

    /// The flow that takes this one's place. As old as this one: what was let go meanwhile stays let go.
    func restarted(at now: Moment, random: Randomness) -> FlowTicket {
        .begin(
            at: now, generation: generation, user: user,
            link: link.map { Link(agent: $0.agent, claim: OneTimeSecret(random)) }, returnTo: returnTo,
            isRestart: true, switchesAccount: switchesAccount, random: random)
    }

    /// Measured in seconds that really passed. How many passed over a reboot nobody knows, so a reboot ends it.
    func isOpen(at now: Moment) -> Bool {
        now.uptime.seconds(since: issuedAt.uptime).map((0..<Self.lifetime).contains) ?? false
    }
}

extension FlowTicket {
    /// Byte for byte: `String` would take two spellings of one letter for the same. Whoever has a link's flow cookie has
    /// pressed its button, and need not be anybody here.
    func isOf(_ remoteUser: RemoteUser?) -> Bool {
        if link != nil { return true }
        return switch (user, remoteUser) {
        case (nil, nil): true
        case (let user?, let remoteUser?): user.utf8.elementsEqual(remoteUser.name.utf8)
        default: false
        }
    }
}

/// The name of a flow in the database: a hash, so that a state that is still good is not found there.
struct FlowID: Hashable, Sendable {
    let bytes: [UInt8]

    init(state: String) {
        bytes = Digest.sha256(state.utf8)
    }

    /// An import: the same for a repeat. Each part is hashed by itself, so that no two run together, and the token is
    /// copied nowhere. A state is 43 bytes, and what is hashed here is more.
    init(importing token: LongLivedToken, for user: String, switchesAccount: Bool) {
        bytes = Digest.sha256(
            Array("import \(switchesAccount ? 1 : 0) ".utf8) + Digest.sha256(user.utf8)
                + token.withBytes { Digest.sha256($0) })
    }

    /// 96 bits for the cookie's name, so that flows in one browser do not meet.
    var tag: String { Base64URL.encode(bytes.prefix(12)) }
}

extension FlowTicket {
    private static let format: UInt8 = 2
    private static let fixedBytes = 2 + 8 + 8 + 32 + 8 + 1

    /// Format, flags, time and generation (big endian), state, uptime, the user after its length (0: none), with a link
    /// its agent after the length, and the claim, and `return_to` to the end.
    var payload: [UInt8] {
        var bytes: [UInt8] = [
            Self.format, (isRestart ? 1 : 0) | (switchesAccount ? 2 : 0) | (link != nil ? 4 : 0),
        ]
        bytes.reserveCapacity(Self.fixedBytes + ReturnTo.maximumBytes)
        bytes.append(bigEndian: issuedAt.time.seconds)
        bytes.append(bigEndian: generation)
        bytes += stateBytes
        bytes.append(bigEndian: issuedAt.uptime.bits)
        let user = user?.utf8 ?? "".utf8
        bytes.append(UInt8(user.count))  // 128 at most
        bytes += user
        if let link {
            bytes.append(UInt8(link.agent.utf8.count))
            bytes += link.agent.utf8
            bytes += link.claim.bytes
        }
        bytes += returnTo?.text.utf8 ?? "".utf8
        return bytes
    }

    /// Only for bytes whose MAC was verified.
    /// - Parameter origins: The allowed ones that are in force now. A flow that was to end on another one is none.
    init?(payload: [UInt8], origins: [String] = []) {
        guard payload.count >= Self.fixedBytes, payload[0] == Self.format, payload[1] <= 7 else { return nil }
        isRestart = payload[1] & 1 != 0
        switchesAccount = payload[1] & 2 != 0
        issuedAt = Moment(
            time: UnixTime(Int64(bigEndian: payload[2..<10])), uptime: Uptime(bits: Int64(bigEndian: payload[50..<58])))
        generation = Int64(bigEndian: payload[10..<18])
        stateBytes = Array(payload[18..<50])
        state = Base64URL.encode(stateBytes)
        let rest = payload[Self.fixedBytes...]
        let userBytes = Int(payload[Self.fixedBytes - 1])
        guard userBytes <= rest.count else { return nil }
        user = userBytes == 0 ? nil : String(decoding: rest.prefix(userBytes), as: UTF8.self)
        var place = rest.dropFirst(userBytes)
        if payload[1] & 4 != 0 {
            guard user != nil, let count = place.first.map(Int.init),
                place.count >= 1 + count + OneTimeSecret.byteCount,
                let agent = String(validating: place.dropFirst().prefix(count), as: UTF8.self)
            else { return nil }
            place = place.dropFirst(1 + count)
            link = Link(agent: agent, claim: OneTimeSecret(bytes: Array(place.prefix(OneTimeSecret.byteCount))))
            place = place.dropFirst(OneTimeSecret.byteCount)
        }
        if place.isEmpty {
            returnTo = nil
        } else {
            // Checked again at the moment it is used (checklist 32).
            guard let checked = try? ReturnTo(String(decoding: place, as: UTF8.self), origins: origins) else {
                return nil
            }
            returnTo = checked
        }
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: Int64) {
        for shift in stride(from: 56, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}

extension Int64 {
    init(bigEndian bytes: ArraySlice<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
}
