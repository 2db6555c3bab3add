// SPDX-License-Identifier: MIT
import Glibc

/// The long version of the tests: `SOAK=1` multiplies what is counted, by ten unless the test says otherwise, and with
/// `SOAK_TABLE=FILE` each of those tests leaves a row there.
package enum Soak {
    package static let isOn = getenv("SOAK") != nil

    package static func times(_ count: Int, full: Int? = nil) -> Int { isOn ? full ?? count * 10 : count }

    /// What was done, how often, and what came of it. A test that fails leaves no row.
    package static func record(_ what: String, _ count: Int, _ outcome: String) {
        guard let path = getenv("SOAK_TABLE") else { return }
        let row = Array("| \(what) | \(grouped(count)) | \(outcome) |\n".utf8)
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        _ = write(file, row, row.count)  // one write: rows of two tests do not mix
        close(file)
    }

    /// 1,000,000.
    private static func grouped(_ count: Int) -> String {
        let digits = Array(String(count))
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text += "," }
            text.append(digit.element)
        }
    }
}
