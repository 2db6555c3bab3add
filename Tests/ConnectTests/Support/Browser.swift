// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes

/// A cookie jar that takes what a browser takes (RFC 6265bis): `__Host-` names only with their conditions, pairs up to
/// 4096 bytes. It forgets what is ended; what is only old it sends for ever, so that the server has to look.
struct Browser: Sendable {
    struct Cookie: Sendable, Equatable {
        let name: String
        var value: String
        let attributes: [String]

        init?(_ line: String) {
            let parts = line.components(separatedBy: "; ")
            guard let equals = parts[0].firstIndex(of: "=") else { return nil }
            name = String(parts[0][..<equals])
            value = String(parts[0][equals...].dropFirst())
            attributes = Array(parts.dropFirst())
        }

        var maxAge: Int? {
            attributes.first { $0.hasPrefix("Max-Age=") }.flatMap { Int($0.dropFirst(8)) }
        }
    }

    /// Oldest first, as browsers send cookies of one path.
    var cookies: [Cookie] = []

    mutating func take(_ answer: Answer) {
        for cookie in answer.cookies {
            let isKept =
                cookie.name.utf8.count + cookie.value.utf8.count <= 4096
                && (!cookie.name.hasPrefix("__Host-")
                    || cookie.attributes.contains("Secure") && cookie.attributes.contains("Path=/")
                        && !cookie.attributes.contains { $0.hasPrefix("Domain") })
            guard isKept else { continue }
            if cookie.maxAge ?? 1 <= 0 {
                cookies.removeAll { $0.name == cookie.name }
            } else if let index = cookies.firstIndex(where: { $0.name == cookie.name }) {
                cookies[index] = cookie
            } else {
                cookies.append(cookie)
            }
        }
    }

    /// The `Cookie` field; nil where there is none to send.
    var header: String? {
        cookies.isEmpty ? nil : cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }

    var flows: [Cookie] { cookies.filter { $0.name.hasPrefix("__Host-ig_flow_") } }
    var session: Cookie? { cookies.first { $0.name == "__Host-ig_session" } }
}

extension String {
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
