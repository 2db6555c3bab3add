// SPDX-License-Identifier: MIT

extension Collection<UInt8> {
    /// Each line that has words, numbered from 1. Spaces and tabs stand between words; `#` begins a comment, wherever
    /// it stands.
    package func forEachLine(_ body: (_ number: Int, _ words: [SubSequence]) -> Void) {
        for (index, line) in split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != UInt8(ascii: "#") }
                .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            if !words.isEmpty { body(index + 1, words) }
        }
    }
}
