// SPDX-License-Identifier: MIT

/// Why nginx does not take its configuration, in its own words but for those that it quotes: they are out of the files,
/// where the edge secret is, and a secret in the wrong place is what nginx does not understand.
struct NginxRefusal: CustomStringConvertible {
    let description: String

    /// - Parameter error: What it said on standard error; nil comes of it if there is no refusal in it.
    init?(_ error: String) {
        let lines = error.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.contains("[emerg]") }) else { return nil }
        // A quoted word may be of several lines. The next message begins with the program's name.
        let rest = lines[first...].dropFirst().prefix { !$0.hasPrefix("nginx: ") }
        let message = ([lines[first]] + rest).joined(separator: "\n")
        // And it may have quotation marks of its own, which nginx leaves as they are: from the first to the last.
        guard let start = message.firstIndex(of: "\"") else {
            description = Self.line(message)
            return
        }
        let end = message.lastIndex(of: "\"") ?? start
        let after = start < end ? message[message.index(after: end)...] : ""
        description = Self.line(message[..<start] + "\"...\"" + after)
    }

    private static func line(_ text: some StringProtocol) -> String {
        Shown.text(String(text.prefix { $0 != "\n" }))
    }
}
