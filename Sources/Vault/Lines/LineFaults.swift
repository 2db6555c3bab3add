// SPDX-License-Identifier: MIT

/// All that is wrong with a file that the operator wrote, by line.
package struct LineFaults<Kind: Equatable & Sendable & CustomStringConvertible>: Error, Equatable {
    package typealias Fault = LineFault<Kind>

    package let faults: [Fault]

    package init(faults: [Fault]) {
        self.faults = faults
    }
}

extension LineFaults: CustomStringConvertible {
    /// One line each.
    package var description: String { faults.map(\.description).joined(separator: "\n") }
}

/// One fault and its place.
package struct LineFault<Kind: Equatable & Sendable & CustomStringConvertible>: Equatable, Sendable {
    /// From 1; 0 is the file as a whole.
    package let line: Int
    package let kind: Kind

    package init(line: Int, kind: Kind) {
        self.line = line
        self.kind = kind
    }
}

extension LineFault: CustomStringConvertible {
    package var description: String { line == 0 ? "\(kind)" : "line \(line): \(kind)" }
}
