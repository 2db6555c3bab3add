// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct KeyringFaultsTests {
    static let zeros = String(repeating: "A", count: 43)

    /// A comment, a good line, then the line in question: the third.
    @Test(
        "each fault is told by its kind and line",
        arguments: [
            ("lonely", [.malformedLine]),
            ("a \(zeros) more", [.malformedLine]),
            ("bad/id \(Samples.line("k").dropFirst(2))", [.badID]),
            ("k not*base64url", [.notBase64URL]),
            ("k \(Samples.line("k").dropFirst(2))=", [.notBase64URL]),
            ("k \(Samples.line("k").dropFirst(2).dropLast())B", [.notBase64URL]),
            ("k \(Samples.line("k").dropFirst(2))\r", [.notBase64URL]),
            ("k AAAA", [.notThirtyTwoBytes]),
            ("k \(Samples.line("k").dropFirst(2).dropLast(3))", [.notThirtyTwoBytes]),
            ("k \(Samples.line("k").dropFirst(2).dropLast())AAAA", [.notThirtyTwoBytes]),
            ("k \(zeros)", [.allZero]),
            (Samples.line("good"), [.duplicateID(firstLine: 2)]),
            ("good \(Samples.line("k").dropFirst(2))", [.duplicateID(firstLine: 2)]),
            ("k \(Samples.line("good").dropFirst(5))", [.duplicateKey(firstLine: 2)]),
            ("bad/id \(zeros)", [.badID, .allZero]),
            ("good \(zeros)", [.duplicateID(firstLine: 2), .allZero]),
        ] as [(String, [KeyringFault])])
    func kinds(line: String, kinds: [KeyringFault]) {
        let faults = Self.faults(in: "# keys\n\(Samples.line("good"))\n\(line)\n")
        #expect(faults.map(\.kind) == kinds)
        #expect(faults.allSatisfy { $0.line == 3 })
    }

    @Test("all faults of a file are told at once, a line each, without a byte of a key")
    func allAtOnce() {
        let leaked = Samples.line("k").dropFirst(2)
        let text = """
            \(Samples.line("a"))
            \(leaked)
            \(leaked) k
            k \(leaked)A

            k \(leaked)
            b \(Self.zeros)
            b \(Samples.line("a").dropFirst(2))
            """
        let faults = Self.faults(in: text)
        #expect(faults.map(\.line) == [2, 3, 3, 4, 6, 7, 8, 8])
        let description = Self.described(text)
        #expect(description.split(separator: "\n").count == faults.count)
        #expect(description.hasPrefix("line 2: a line is an id and a key"))
        #expect(!description.contains(leaked.prefix(8)) && !description.contains(Samples.line("a").suffix(8)))
    }

    @Test("a file without a key is a fault of the whole file", arguments: ["", "\n\n", "# nothing\n", " \t"])
    func noKey(text: String) {
        #expect(Self.faults(in: text).map(\.kind) == [.noKey])
        #expect(Self.faults(in: text).map(\.line) == [0])
        #expect(Self.described(text).hasPrefix("the keyring has no key"))
    }

    @Test("the hundred and first key is one too many, told once")
    func tooMany() {
        let lines = (1...103).map { Samples.line("key-\($0)") }.joined(separator: "\n")
        #expect(Self.faults(in: lines).map(\.kind) == [.tooManyKeys])
        #expect(Self.faults(in: lines).map(\.line) == [101])
    }

    @Test("64 KiB are read, one byte more is not")
    func tooLarge() throws {
        let line = Array(Samples.line("a").utf8)
        let full = line + [UInt8](repeating: UInt8(ascii: "\n"), count: 65_536 - line.count)
        #expect(try Keyring(parsing: full).ids.count == 1)
        #expect(Self.faults(in: full + [UInt8(ascii: "\n")]).map(\.kind) == [.tooLarge])
    }

    private static func faults(in text: String) -> [KeyringFaults.Fault] { faults(in: Array(text.utf8)) }

    private static func faults(in text: [UInt8]) -> [KeyringFaults.Fault] { failure(of: text)?.faults ?? [] }

    private static func described(_ text: String) -> String { failure(of: Array(text.utf8))?.description ?? "" }

    private static func failure(of text: [UInt8]) -> KeyringFaults? {
        do throws(KeyringFaults) {
            _ = try Keyring(parsing: text)
            return nil
        } catch {
            return error
        }
    }
}
