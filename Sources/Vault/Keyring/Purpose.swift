// SPDX-License-Identifier: MIT

/// The kinds of signed cookies. One kind cannot pass for another: each has a key of its own.
package enum CookiePurpose: String, CaseIterable, Sendable {
    case flow, session
}

/// What a derived key is for. Everything a keyring entry is used for is here.
enum Purpose {
    case seal
    case cookie(CookiePurpose)
    case mark
    case fingerprint

    /// HKDF's `info` (RFC 5869, section 3.2). Never changed: what was sealed or signed would not open any more.
    var label: String {
        switch self {
        case .seal: "ig-shop-auth/1/seal"
        case .mark: "ig-shop-auth/1/mark"
        case .cookie(let cookie): "ig-shop-auth/1/cookie/\(cookie.rawValue)"
        case .fingerprint: "ig-shop-auth/1/fingerprint"
        }
    }
}
