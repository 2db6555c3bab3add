// SPDX-License-Identifier: MIT

/// `<id> <base64url of 32 bytes>` a line, as `forEachLine` reads them.
struct KeyringParser {
    static let maximumByteCount = 64 * 1024
    static let maximumKeyCount = 100

    /// A line as it was read. Gone when the keyring is made, which keeps derived keys only.
    struct Line {
        let number: Int
        let id: KeyID
        let key: Key
    }

    private var lines: [Line] = []
    private var faults: [KeyringFaults.Fault] = []
    /// Where an id was first, also on a line whose key is bad.
    private var firstLines: [KeyID: Int] = [:]

    static func parse(_ text: some Collection<UInt8>) throws(KeyringFaults) -> [Line] {
        guard text.count <= maximumByteCount else {
            throw KeyringFaults(faults: [.init(line: 0, kind: .tooLarge)])
        }
        var parser = KeyringParser()
        // In memory that is wiped, like the keys decoded out of it.
        Secret<Kinds.KeyringText>(copying: text).withBytes { parser.read($0) }
        guard parser.faults.isEmpty else { throw KeyringFaults(faults: parser.faults) }
        return parser.lines
    }

    private mutating func read(_ text: UnsafeRawBufferPointer) {
        var seen = 0
        text.forEachLine { number, words in
            seen += 1
            if seen == Self.maximumKeyCount + 1 { faults.append(.init(line: number, kind: .tooManyKeys)) }
            read(words, number: number)
        }
        if seen == 0 { faults.append(.init(line: 0, kind: .noKey)) }
    }

    /// All faults of one line: its id and its key are judged apart.
    private mutating func read(_ words: [Slice<UnsafeRawBufferPointer>], number: Int) {
        func fault(_ kind: KeyringFault) { faults.append(.init(line: number, kind: kind)) }
        guard words.count == 2 else { return fault(.malformedLine) }
        let id = KeyID(words[0])
        if id == nil { fault(.badID) }
        if let id {
            let first = firstLines[id, default: number]
            firstLines[id] = first
            if first != number { fault(.duplicateID(firstLine: first)) }
        }
        do throws(KeyFault) {
            let key = try Self.key(words[1])
            if let first = lines.first(where: { $0.key == key && $0.id != id }) {
                fault(.duplicateKey(firstLine: first.number))
            }
            if let id { lines.append(Line(number: number, id: id, key: key)) }
        } catch {
            fault(error.kind)
        }
    }

    private struct KeyFault: Error { let kind: KeyringFault }

    /// Decoded in place: the bytes of a key are never in an array, which nobody wipes.
    private static func key(_ word: Slice<UnsafeRawBufferPointer>) throws(KeyFault) -> Key {
        guard let count = Base64URL.decodedCount(of: word.count) else { throw KeyFault(kind: .notBase64URL) }
        let key = try Key(count: count) { target throws(KeyFault) in
            let valid = word.withContiguousBytes { Base64URL.decode($0, into: target) }
            guard valid else { throw KeyFault(kind: .notBase64URL) }
        }
        guard count == Keyring.keyByteCount else { throw KeyFault(kind: .notThirtyTwoBytes) }
        guard key != Key(copying: repeatElement(0, count: count)) else { throw KeyFault(kind: .allZero) }
        return key
    }
}
