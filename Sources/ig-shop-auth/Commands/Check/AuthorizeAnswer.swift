// SPDX-License-Identifier: MIT
import Foundation
import Transfer

/// What Instagram's answer to an authorize URL means for somebody who is not signed in. Nothing here is documented but the
/// parameters: what nobody has seen is `unclear`.
enum AuthorizeAnswer: Equatable {
    /// A person would be asked to sign in or to consent.
    case asks
    // Refusals in Instagram's words, which it shows itself: the app is never called back.
    case unknownApp(String)
    case unregisteredRedirect(String)
    case refusedScopes(String)
    case refused(String)
    /// The address leads nowhere.
    case gone(String)
    /// Nobody can tell from this.
    case unclear(String)

    /// - Parameters:
    ///   - origin: Where the authorize URL is.
    ///   - redirectURI: Ours.
    init(_ reply: OutboundReply, origin: String, redirectURI: String) {
        switch reply.status {
        case 301, 302, 303, 307, 308:
            self = Self.redirect(to: reply.header("location") ?? "", origin, redirectURI)
        case 404, 410: self = .gone("\(reply.status) from \(origin)")
        case 200, 400, 401, 403: self = Self.page(String(decoding: reply.body, as: UTF8.self), status: reply.status)
        default: self = .unclear("\(reply.status) from \(origin)")
        }
    }

    private static func redirect(to location: String, _ origin: String, _ redirectURI: String) -> Self {
        let absolute =
            location.hasPrefix("//") ? "https:" + location : location.hasPrefix("/") ? origin + location : location
        guard let (target, rest) = HTTPOrigin.split(absolute) else { return .unclear("a redirect to nowhere") }
        let parameters = parameters(of: rest)
        if absolute.hasPrefix(redirectURI), ["?", "#", nil].contains(absolute.dropFirst(redirectURI.count).first) {
            guard let error = parameters["error"] else { return .asks }
            return refusal(parameters["error_description"] ?? parameters["error_message"] ?? error)
        }
        let isInstagram =
            target.description == origin || target.isBelow("instagram.com") || target.isBelow("facebook.com")
        // Meta has many hosts, and may ask people to sign in at any of them.
        guard isInstagram else { return .unclear("it leads to \(target)") }
        let path = rest.prefix { $0 != "?" && $0 != "#" }.lowercased()
        if path.contains("/error") {
            return parameters["message"].map(refusal) ?? .gone("it leads to an error page of \(target)")
        }
        let isAsking = ["login", "oauth", "consent", "challenge"].contains { path.contains($0) }
        return isAsking ? .asks : .unclear("it leads to another page of \(target)")
    }

    /// A page of a script shows nothing of what it is, so the words are looked for that only a refusal has.
    private static func page(_ text: String, status: Int) -> Self {
        let refusals = [
            "Invalid platform app", "Invalid Client ID", "Invalid redirect_uri", "Redirect URI does not match",
            "Invalid Scopes", "Invalid scope",
        ]
        let isAsking = ["<form", "login"].contains { text.range(of: $0, options: .caseInsensitive) != nil }
        if let said = refusals.first(where: { text.range(of: $0, options: .caseInsensitive) != nil }) {
            // A page that asks brings along the words that it might need.
            return status == 200 && isAsking ? .unclear("200 with a login and \"\(said)\"") : refusal(said)
        }
        return status == 200 && isAsking ? .asks : .unclear("\(status) with a page that nobody knows")
    }

    private static func refusal(_ said: String) -> Self {
        let words = said.lowercased()
        func has(_ some: String...) -> Bool { some.contains { words.contains($0) } }
        if has("platform app", "client_id", "client id") { return .unknownApp(said) }
        if has("redirect") { return .unregisteredRedirect(said) }
        if has("scope") { return .refusedScopes(said) }
        return has("invalid") ? .refused(said) : .unclear("Instagram says \"\(Shown.text(String(said.prefix(200))))\"")
    }

    /// `application/x-www-form-urlencoded`; the first of a name counts.
    private static func parameters(of rest: String) -> [String: String] {
        let mark = rest.firstIndex(of: "?") ?? rest.endIndex
        let query = rest[mark...].dropFirst().prefix { $0 != "#" }
        let pairs = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                let text = String(part).replacing("+", with: " ")
                return text.removingPercentEncoding ?? text
            }
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
