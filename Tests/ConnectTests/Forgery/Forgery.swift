// SPDX-License-Identifier: MIT
import TestSupport
import Vault

@testable import Connect

/// What somebody sends who does not have our keys.
struct Forgery {
    /// The `Cookie` field.
    let field: String
    /// The `state` that comes with it: the one that the cookie would be for.
    let state: String
    /// The value that no key of ours signed; nil where it is genuine and in the wrong place.
    var value: [UInt8]?
    /// What the value must not be good for.
    var purposes = CookiePurpose.allCases
}

/// A genuine cookie in the forger's hands.
struct Sample: Sendable {
    let purpose: CookiePurpose
    let name: String
    let value: [UInt8]
    /// What is under the MAC, and the MAC.
    let payload: [UInt8]
    let mac: [UInt8]
    /// Of the flow, or of any flow where the cookie is a session's.
    let state: String

    init(_ cookie: Browser.Cookie, state: String) {
        purpose = cookie.name == Session.cookieName ? .session : .flow
        name = cookie.name
        value = Array(cookie.value.utf8)
        let bytes = Base64URL.decode(value)!
        payload = Array(bytes.dropLast(Digest.byteCount))
        mac = Array(bytes.suffix(Digest.byteCount))
        self.state = state
    }

    func carrying(_ forged: [UInt8], state: String? = nil) -> Forgery {
        Forgery(
            field: name + "=" + String(decoding: forged, as: UTF8.self), state: state ?? self.state, value: forged)
    }

    func carrying(payload: [UInt8], mac: [UInt8], state: String? = nil) -> Forgery {
        carrying(Array(Base64URL.encode(payload + mac).utf8), state: state)
    }
}

/// Makes forgeries out of genuine cookies and foreign keys; the same ones for the same seed.
struct Forger {
    typealias Trick = @Sendable (inout Forger) -> Forgery

    var numbers: SeededNumbers
    let samples: [Sample]
    /// Keyrings that the site does not verify with: third places, removed keys, other installations.
    let foreign: [Keyring]

    /// Every kind, by name.
    static let tricks: [(name: String, trick: Trick)] = altered + encoded + resigned + misplaced

    mutating func sample() -> Sample { samples.randomElement(using: &numbers)! }
    mutating func sample(_ purpose: CookiePurpose) -> Sample {
        samples.filter { $0.purpose == purpose }.randomElement(using: &numbers)!
    }

    /// Another one of the same kind.
    mutating func other(than sample: Sample) -> Sample {
        samples.filter { $0.purpose == sample.purpose && $0.value != sample.value }.randomElement(using: &numbers)!
    }

    mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &numbers) }
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
    }
    mutating func letters(_ count: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        return (0..<count).map { _ in alphabet.randomElement(using: &numbers)! }
    }
}
