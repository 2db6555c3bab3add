// SPDX-License-Identifier: MIT
import TestSupport

/// Streams that are nearly right: a random request, cut at random, then broken in up to four places. Each request is
/// broken eight times, always afresh: to make one takes longer than all that is done with it.
struct Mutation: Sequence, IteratorProtocol {
    private var numbers: SeededNumbers
    private var left: Int
    private var sound: [UInt8] = []

    init(seed: UInt64, count: Int) {
        numbers = SeededNumbers(seed)
        left = count
    }

    mutating func next() -> [UInt8]? {
        guard left > 0 else { return nil }
        if left % 8 == 0 || sound.isEmpty { sound = request().bytes }
        left -= 1
        var bytes = sound
        for _ in 0..<Int.random(in: 0...4, using: &numbers) { mutate(&bytes) }
        return bytes
    }

    private mutating func request() -> RequestStream {
        var stream = RequestStream()
        stream.id = Bool.random(using: &numbers) ? 1 : .random(in: 1 ... .max, using: &numbers)
        stream.flags = .random(in: 0...3, using: &numbers)
        stream.longLengths = Bool.random(using: &numbers)
        stream.recordSize = [5, 8, 64, 8_184, 65_535].randomElement(using: &numbers)!
        stream.padding = (stream.recordSize < 64 ? [0, 1, 8] : [0, 7, 255]).randomElement(using: &numbers)!
        let names = ["HTTP_COOKIE", "HTTP_X_A", "CONTENT_TYPE", "REQUEST_ID", "REMOTE_USER", "HTTPS", "FCGI_ROLE", "A"]
        for name in names.prefix(Int.random(in: 0...8, using: &numbers)) {
            let length = [0, 1, 20, 127, 128, 300].randomElement(using: &numbers)!
            stream.variables.append((name, String(repeating: "v", count: length)))
        }
        let length = [0, 0, 1, 100, 500].randomElement(using: &numbers)!
        let start = Int.random(in: 0...500, using: &numbers)
        stream.body = Array(Self.noise[start..<start + length])
        stream.variables.append(("CONTENT_LENGTH", "\(length)"))
        return stream
    }

    private static let noise: [UInt8] = {
        var numbers = SeededNumbers(0)
        return (0..<1_000).map { _ in .random(in: 0 ... .max, using: &numbers) }
    }()

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let hostile: [UInt8] = [0, 1, 2, 4, 5, 8, 9, 0x3d, 0x7f, 0x80, 0xff]
        guard !bytes.isEmpty else { return }
        let at = Int.random(in: 0..<bytes.count, using: &numbers)
        let upTo = Swift.min(bytes.count, at + Int.random(in: 1...24, using: &numbers))
        switch Int.random(in: 0...8, using: &numbers) {
        case 0: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &numbers)
        case 1, 2: bytes[at] = hostile.randomElement(using: &numbers)!
        case 3: bytes.insert(hostile.randomElement(using: &numbers)!, at: at)
        case 4: bytes.removeSubrange(at..<upTo)
        case 5: bytes.insert(contentsOf: bytes[at..<upTo], at: Int.random(in: 0...bytes.count, using: &numbers))
        case 6: bytes.removeSubrange(at...)
        case 7: bytes.insert(contentsOf: anyRecord(), at: at)
        default: bytes.append(contentsOf: anyRecord())
        }
    }

    private mutating func anyRecord() -> [UInt8] {
        let content = [[], pair("FCGI_MAX_CONNS", ""), pair("A", "B"), [0, 1, 0, 0, 0, 0, 0, 0]]
        return record(
            .random(in: 0...11, using: &numbers), id: .random(in: 0...1, using: &numbers),
            content.randomElement(using: &numbers)!, padding: [0, 0, 8].randomElement(using: &numbers)!)
    }
}
