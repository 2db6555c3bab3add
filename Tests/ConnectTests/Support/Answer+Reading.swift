// SPDX-License-Identifier: MIT
import Connect
import Foundation
import HTTPTypes

/// An answer as its reader sees it.
extension Answer {
    var text: String { String(decoding: body, as: UTF8.self) }
    var cookies: [Browser.Cookie] { fields[values: .setCookie].compactMap(Browser.Cookie.init) }
    var location: String? { fields[.location] }
    /// What a browser asks us for next: a fragment stays with it.
    var followed: String? { location.map { String($0.dropFirst(Shop.origin.count).prefix { $0 != "#" }) } }
    var contentType: String? { fields[.contentType] }

    /// The members of a JSON answer; empty where it is none.
    var json: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
    }

    /// The `state` of the authorize URL, in `Location` or `auth_url`.
    var state: String? {
        guard let url = location ?? json["auth_url"] as? String else { return nil }
        return URLComponents(string: url)?.queryItems?.first { $0.name == "state" }?.value
    }

    /// Bytes of the header block as FastCGI carries it.
    var headerBytes: Int {
        fields.reduce("Status: 303 See Other\r\n\r\n".utf8.count) {
            $0 + $1.name.rawName.utf8.count + $1.value.utf8.count + 4
        }
    }

    /// Everything that leaves with it.
    var everything: String {
        fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n") + "\n\n" + text
    }
}
