// SPDX-License-Identifier: MIT
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

    /// A token is visible ASCII (RFC 6750, section 2.1).
    init(_ request: Request) throws(ErrorCode) {
        let body = try AgentBody(request, knowing: ["access_token", "switch_account"], maximumBytes: Self.formBytes)
        guard let text = try body.text("access_token"), Self.counts.contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .invalidRequest }
        token = LongLivedToken(utf8: text)
        switchesAccount = try body.flag("switch_account")
    }
}
