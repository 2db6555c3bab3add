// SPDX-License-Identifier: MIT
import Foundation

/// What was done to the files of a directory, in order, as Shims/disk.c recorded it.
struct DiskTrace {
    enum Operation: Int64 {
        case write = 1
        case sync = 2
        case truncate = 4
        case create = 8
        case unlink = 16
    }

    struct Step {
        let operation: Operation
        /// Empty: the directory itself.
        let name: String
        /// Where it was written; to what length it was cut.
        let offset: Int
        let bytes: [UInt8]
        /// The trace's length after it.
        let end: Int
    }

    let steps: [Step]

    init(path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var steps: [Step] = []
        var next = 0
        func number(_ index: Int) -> Int64 {
            bytes[(next + index * 8)..<(next + index * 8 + 8)].reversed().reduce(0) { $0 << 8 | Int64($1) }
        }
        while bytes.count - next >= 32 {
            guard let operation = Operation(rawValue: number(0)) else { throw Missing("no step at \(next)") }
            let (offset, length, name) = (Int(number(1)), Int(number(2)), Int(number(3)))
            let content = next + 32 + name
            guard content + length <= bytes.count else { break }  // it was killed while it wrote
            steps.append(
                Step(
                    operation: operation, name: String(decoding: bytes[(next + 32)..<content], as: UTF8.self),
                    offset: offset, bytes: Array(bytes[content..<(content + length)]), end: content + length))
            next = content + length
        }
        self.steps = steps
    }
}
