// SPDX-License-Identifier: MIT
import Vault

/// When a token is renewed, and when it is tried again. Values over time: nothing in here acts.
package struct RenewalRule: Sendable {
    /// Instagram renews no token that was issued less than a day ago. A minute more, because a token is issued some time
    /// after it was asked for.
    package static let youth: Int64 = 86_400 + 60
    /// Seconds that tokens live, whatever an answer says: one that is said to live for years is renewed like all others.
    private static let longestLife: Int64 = 60 * 86_400
    /// Seconds between an answer that says that a token is dead, and its end. Time to find out whether it is the app
    /// that died.
    static let mourning: Int64 = 600

    /// The part of its life after which a token is renewed without being asked for; nil: never.
    package var background: Double?
    /// The part of its life over which accounts are spread that were connected on the same day.
    package var spread: Double

    package init(background: Double? = 0.5, spread: Double = 0.1) {
        self.background = background
        self.spread = spread
    }

    /// When a token is due. Each account has a place of its own in the spread, the same every time.
    func due(issuedAt: UnixTime, expiresAt: UnixTime, account: String) -> UnixTime? {
        guard let background else { return nil }
        let life = Double(min(max(0, expiresAt - issuedAt), Self.longestLife))
        let part = background + spread * Self.place(of: account)
        return issuedAt + max(Self.youth, Int64(life * part))
    }

    /// A token that was issued more than a day from now came while the clock was ahead: nobody knows its age.
    static func isOldEnough(_ issuedAt: UnixTime, at now: UnixTime, isKept: Bool = false) -> Bool {
        now - issuedAt >= youth || isKept && issuedAt - now > youth
    }

    /// Seconds until the next try: full jitter below a ceiling that doubles from a minute to twelve hours, and never
    /// more than a twelfth of the life that is left, so that many tries fit before any end.
    ///
    /// - Parameters:
    ///   - failures: How often it failed already, this time included.
    ///   - left: Seconds that the token has.
    ///   - chance: 0 to 1.
    static func retry(failures: Int, left: Int64, chance: Double) -> Int64 {
        let doubled = Int64(60) << Int64(min(max(failures - 1, 0), 10))
        let ceiling = max(60, min(doubled, 43_200, left > 0 ? left / 12 : 43_200))
        return 30 + Int64(chance * Double(ceiling))
    }

    /// Seconds until somebody looks again whether a person has cleared what stood in the way.
    ///
    /// - Parameter left: Seconds that the token has, where it works.
    static func secondLook(left: Int64 = .max, chance: Double) -> Int64 {
        min(72_000 + Int64(chance * 28_800), max(60, left / 12))
    }

    /// Seconds that one account is left alone after its own limit.
    static func limited(seconds: Int?, chance: Double) -> Int64 {
        let asked = Int64(min(max(seconds ?? 1_800, 60), 86_400))
        return asked + Int64(chance * Double(asked) / 4)
    }

    /// 0 to 1, from the account alone.
    private static func place(of account: String) -> Double {
        let digest = Digest.sha256(Array("renewal".utf8) + account.utf8)
        return Double(digest[0..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) / Double(UInt32.max)
    }
}

extension Randomness {
    /// 0 to 1, evenly.
    func chance() -> Double {
        Double(bytes(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) / Double(UInt32.max)
    }
}
