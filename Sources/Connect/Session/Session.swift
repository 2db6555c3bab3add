// SPDX-License-Identifier: MIT
import Vault

/// A browser that is signed in as the user of an Instagram account, as its cookie says under a MAC.
struct Session: Sendable, Equatable {
    static let cookieName = "__Host-ig_session"
    /// Seconds without a visit after which a session ends.
    static let idle: Int64 = 30 * 86_400
    /// Seconds after which it ends in any case.
    static let absolute: Int64 = 90 * 86_400
    /// A visit is noted at most once a day, so that most answers set no cookie.
    private static let noted: Int64 = 86_400

    /// Names this session alone, so that signing out ends it and no other. Derived from the flow that began it: a
    /// callback that is repeated after a sign-out brings back an id that has ended.
    let id: [UInt8]
    let user: String
    /// The user's `session_epoch` when the session began; a higher one in the row has ended it.
    let epoch: Int64
    /// Of the commit that connected it. Later sessions have higher ones, whatever the clock says.
    let generation: Int64
    let beganAt: UnixTime
    let seenAt: UnixTime

    static func id(of flow: FlowID) -> [UInt8] {
        Array(Digest.sha256(Array("session".utf8) + flow.bytes).prefix(16))
    }

    func isAlive(at now: UnixTime) -> Bool {
        now - seenAt < Self.idle && now - beganAt < Self.absolute && now - seenAt > -60
    }

    func isDueForNote(at now: UnixTime) -> Bool { now - seenAt >= Self.noted }

    func seen(at now: UnixTime) -> Session {
        Session(id: id, user: user, epoch: epoch, generation: generation, beganAt: beganAt, seenAt: now)
    }

    func cookie(_ keyring: Keyring, now: UnixTime) -> String {
        let left = min(Self.idle, Self.absolute - (now - beganAt))
        return FlowCookies.setCookie(Self.cookieName, keyring.sign(payload, for: .session), left)
    }

    static var endedCookie: String { FlowCookies.setCookie(cookieName, "", 0) }
}

extension Session {
    private static let format: UInt8 = 2
    private static let fixedBytes = 1 + 16 + 8 + 8 + 8 + 8

    private var payload: [UInt8] {
        var bytes = [Self.format] + id
        bytes.append(bigEndian: epoch)
        bytes.append(bigEndian: generation)
        bytes.append(bigEndian: beganAt.seconds)
        bytes.append(bigEndian: seenAt.seconds)
        return bytes + user.utf8
    }

    /// The session of a request, if its cookie is ours, whole, single and in time. Whether it has ended, the database
    /// knows.
    init?(_ cookies: CookieHeader, keyring: Keyring, now: UnixTime) {
        guard let value = cookies.value(Self.cookieName), let payload = keyring.verify(value, for: .session),
            payload.count > Self.fixedBytes, payload[0] == Self.format
        else { return nil }
        id = Array(payload[1..<17])
        epoch = Int64(bigEndian: payload[17..<25])
        generation = Int64(bigEndian: payload[25..<33])
        beganAt = UnixTime(Int64(bigEndian: payload[33..<41]))
        seenAt = UnixTime(Int64(bigEndian: payload[41..<49]))
        guard let user = String(validating: payload[49...], as: UTF8.self) else { return nil }
        self.user = user
        guard isAlive(at: now), beganAt <= seenAt else { return nil }
    }
}
