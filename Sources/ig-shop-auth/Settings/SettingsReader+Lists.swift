// SPDX-License-Identifier: MIT
import Instagram
import Vault

/// Settings that are lists of names or secrets, and numbers.
extension SettingsReader {
    mutating func scopes(of product: InstagramProduct) -> [String] {
        names(.scopes, of: "permissions", standard: product.scopes, needed: product.basicScope)
    }

    /// `none` for an operator who subscribes accounts in another way.
    mutating func webhookFields() -> [String] {
        if value(.webhookFields) == "none" { return [] }
        return names(.webhookFields, of: "webhook fields", standard: Setting.webhookFields.standard.map { [$0] } ?? [])
    }

    /// Each as `META_APP_SECRET` is; a comma is in none.
    mutating func extraSecrets() -> [AppSecret] {
        let name = Setting.extraSecrets
        guard let text = text(name) else { return [] }
        let secrets = text.split(whereSeparator: { $0 == "," || $0 == " " })
        guard !secrets.isEmpty, secrets.allSatisfy({ Self.isAppSecret($0) }) else {
            fault(name, "is not a list of app secrets as Meta's dashboard shows them, separated by commas")
            return []
        }
        return secrets.map { AppSecret(copying: $0.utf8) }
    }

    /// Visible ASCII; Meta's are hexadecimal.
    static func isAppSecret(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }

    /// Each as a browser sends it in `Origin` (RFC 6454, section 6.2), because it is compared byte for byte.
    mutating func allowedOrigins(publicOrigin: String) -> [String] {
        let name = Setting.allowedOrigins
        guard let text = text(name) else { return [] }
        let origins = text.split { $0 == "," || $0 == " " }.map(String.init)
        let problem =
            if origins.isEmpty {
                Self.noOrigins
            } else if origins.count > Self.maximumOrigins {
                "has more than \(Self.maximumOrigins) origins"
            } else if let first = origins.lazy.compactMap(Self.problem(ofOrigin:)).first {
                first
            } else {
                Set(origins).count < origins.count ? "has an origin twice" : nil as String?
            }
        if let problem { fault(name, problem) }
        // Ours is allowed without it.
        return origins.filter { $0 != publicOrigin }
    }

    private static let maximumOrigins = 16
    private static let noOrigins = "is not a list of origins such as https://app.shop.example.com, separated by commas"

    private static func problem(ofOrigin text: String) -> String? {
        guard text != "*", text != "null" else { return "has \(text), which would allow every site; name each origin" }
        guard let (origin, path) = HTTPOrigin.split(text) else {
            return noOrigins
        }
        guard origin.scheme == "https" || origin.isLoopback else {
            return "\(origin) has to be https (http only on a loopback host)"
        }
        // Upper case, a default port, a slash or a path: no browser writes those.
        guard path.isEmpty, origin.description == text else {
            return
                "\(origin) has to be written just so, in lower case, without a default port, a path or a slash behind it"
        }
        return nil
    }

    mutating func renewalsPerMinute() -> Int {
        number(.renewalsPerMinute, in: 1...60_000)
    }

    /// Lowercase letters and `_`; commas between them, and blanks as people write them.
    private mutating func names(
        _ name: Setting, of what: String, standard: [String], needed: String? = nil
    ) -> [String] {
        guard let text = text(name) else { return standard }
        let words = text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        let areNames = words.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f } }
        guard !words.isEmpty, areNames, needed.map(words.contains) ?? true else {
            let also = needed.map { ", with \($0) among them" } ?? ", such as \(standard.joined(separator: ","))"
            fault(name, "is not a list of \(what), separated by commas\(also)")
            return standard
        }
        return words
    }

    /// Digits only: `Int` would take a sign.
    private mutating func number(_ name: Setting, in range: ClosedRange<Int>) -> Int {
        let text = value(name) ?? ""
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text), range.contains(number) {
            return number
        }
        fault(name, "is not a number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }
}
