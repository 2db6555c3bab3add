// SPDX-License-Identifier: MIT
import FoundationEssentials
import Vault

/// What an agent sends with an import: a JSON object or a form.
struct ImportedToken: Sendable {
    let token: LongLivedToken
    /// Another account of the user makes room.
    let switchesAccount: Bool

    /// Bytes of a token: far more than any that was seen.
    private static let counts = 1...4_096
    /// A form with every byte of that escaped, and the rest beside it.
    private static let formBytes = 3 * 4_096 + 1_024

    /// nil for what is none. A token is visible ASCII (RFC 6750, section 2.1).
    init?(_ request: Request) {
        guard let (text, switches) = request.isForm ? Self.form(request) : Self.object(request),
            Self.counts.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        token = LongLivedToken(utf8: text)
        switchesAccount = switches
    }

    private static func object(_ request: Request) -> (String, Bool)? {
        struct Import: Decodable {
            let token: String
            let switches: Bool?
            enum CodingKeys: String, CodingKey {
                case token = "access_token"
                case switches = "switch_account"
            }
        }
        guard let object = try? JSONDecoder().decode(Import.self, from: Data(request.body)) else { return nil }
        return (object.token, object.switches ?? false)
    }

    private static func form(_ request: Request) -> (String, Bool)? {
        guard let text = String(validating: request.body, as: UTF8.self),
            let form = try? Query(text, knowing: ["access_token", "switch_account"], maximumBytes: formBytes),
            let token = form["access_token"]
        else { return nil }
        switch form["switch_account"] {
        case nil, "0", "false": return (token, false)
        case "1", "true": return (token, true)
        default: return nil
        }
    }
}
