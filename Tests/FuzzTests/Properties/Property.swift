// SPDX-License-Identifier: MIT

/// What a parser keeps to, whatever it is given. The fuzzer and `CorpusTests` run the same functions.
struct Property: Sendable {
    /// Also that of the folder with its corpus.
    let name: String
    /// Whether the parser took the input; throws where it broke a promise.
    let holds: @Sendable (UnsafeRawBufferPointer) throws(Broken) -> Bool

    func holds(for bytes: [UInt8]) throws(Broken) -> Bool {
        try bytes.withUnsafeBufferPointer { input throws(Broken) in try holds(UnsafeRawBufferPointer(input)) }
    }

    static let all = [screen, query, cookie, returnTo, reply]
}

/// A promise that was not kept.
struct Broken: Error, CustomStringConvertible {
    let description: String
}

func promise(_ isKept: Bool, _ what: @autoclosure () -> String) throws(Broken) {
    if !isKept { throw Broken(description: what()) }
}
