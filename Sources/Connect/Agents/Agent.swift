// SPDX-License-Identifier: MIT
import Vault

/// A program that may be handed tokens.
package struct Agent: Sendable {
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`. Not secret: it stands in the journal and in the audit.
    package let name: String
    package let users: Users

    /// Whose tokens an agent may be handed.
    package enum Users: Sendable {
        case all
        /// Each once, in the order of their UTF-8 bytes, which is SQLite's order too.
        case some([String])
    }

    /// Byte for byte: for `String` two spellings of one letter are equal, for the database they are two users.
    package func mayServe(_ user: String) -> Bool {
        switch users {
        case .all: true
        case .some(let users): users.contains(utf8: user)
        }
    }

    private static let nameCounts = 1...64

    /// A key is no name, though its letters would do: the name is printed.
    static func isName(_ word: some Collection<UInt8>) -> Bool {
        nameCounts.contains(word.count) && word.allSatisfy(KeyID.isAllowed) && !word.starts(with: AgentKey.prefix)
    }
}

extension Agent.Users {
    init(_ names: some Sequence<String>) {
        var sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var kept = 0
        for index in sorted.indices where index == 0 || !sorted[index].utf8.elementsEqual(sorted[kept - 1].utf8) {
            sorted[kept] = sorted[index]
            kept += 1
        }
        self = .some(Array(sorted[..<kept]))
    }
}

extension [String] {
    /// By halves: the array is in the order of its bytes.
    fileprivate func contains(utf8 text: String) -> Bool {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle].utf8.lexicographicallyPrecedes(text.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < endIndex && self[low].utf8.elementsEqual(text.utf8)
    }
}
