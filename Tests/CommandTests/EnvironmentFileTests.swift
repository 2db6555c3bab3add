// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport
import Testing

@testable import ig_shop_auth

@Suite("The file of settings")
struct EnvironmentFileTests {
    private static let read: [(String, [String: String])] = [
        ("", [:]), ("\n\r\n \t\n", [:]),
        ("A=b", ["A": "b"]), ("A=b\n", ["A": "b"]), ("A=b\r\nC=d\r\n", ["A": "b", "C": "d"]),
        ("A=b\rC=d", ["A": "b", "C": "d"]),
        ("A=1\nA=2\n", ["A": "2"]), ("A=1\nA=\n", ["A": ""]), ("_a9=x", ["_a9": "x"]),
        ("  A = b c \t\n", ["A": "b c"]), ("A\t=b", ["A": "b"]), ("A=b=c", ["A": "b=c"]),
        ("# A=b\n;A=c\n \t# d\nA=e # f\n", ["A": "e # f"]), ("#", [:]), ("# \\\\\nA=b", ["A": "b"]),
        ("# a\\b\nA=b", ["A": "b"]),
        ("A=#b", ["A": "#b"]), ("A= ;b", ["A": ";b"]),
        ("A='b c '\n", ["A": "b c "]), ("A=\"b c \" \n", ["A": "b c "]), ("A=''\nB=\"\"", ["A": "", "B": ""]),
        ("A=\"b\"c", ["A": "bc"]), ("A='b' \"c\"", ["A": "bc"]), ("A=b'c'", ["A": "b'c'"]), ("A=b\"c", ["A": "b\"c"]),
        ("A='b\\n\"$x'", ["A": "b\\n\"$x"]), ("A='b\nc'\nD=e", ["A": "b\nc", "D": "e"]),
        ("A=\"b\\\"\\\\\\`\\$\\n\\ \\'\"", ["A": "b\"\\`$\\n\\ \\'"]), ("A=\"b\\\nc\nd\"", ["A": "bc\nd"]),
        ("A=\"b\\\r\nc\"", ["A": "b\\\r\nc"]),
        ("A=b\\nc\\\\d\\\"", ["A": "bnc\\d\""]), ("A=b\\\nc", ["A": "bc"]), ("A=b \\\n c", ["A": "b  c"]),
        ("A=b\\\n\nC=d", ["A": "b", "C": "d"]),
        ("A=b\\  \n", ["A": "b "]), ("A=b  \\\n\n", ["A": "b  "]), ("A=\\ b", ["A": " b"]), ("A=\\\nB=c", ["A": "B=c"]),
        ("A=$HOME `id` ${B}", ["A": "$HOME `id` ${B}"]), ("A=\u{e4}\u{1f600}", ["A": "\u{e4}\u{1f600}"]),
        ("A=b\tc", ["A": "b\tc"]),
    ]

    private static let refused: [([UInt8], EnvironmentFile.Fault)] = [
        (Array("A=b\nnothing\n".utf8), .noAssignment(line: 2)), (Array("A=b\n\nnothing".utf8), .noAssignment(line: 3)),
        (Array("export A=b".utf8), .noName(line: 1)), (Array("1A=b\n".utf8), .noName(line: 1)),
        (Array("A-B=c\n".utf8), .noName(line: 1)), (Array("==b\n".utf8), .noName(line: 1)),
        (Array("\u{e4}=b\n".utf8), .noName(line: 1)), (Array("A B=c\n".utf8), .noName(line: 1)),
        (Array("A=b\nC='d\n\n".utf8), .unfinished(line: 2)), (Array("A=\"b".utf8), .unfinished(line: 1)),
        (Array("A=\"b\\\"".utf8), .unfinished(line: 1)), (Array("A=b\\".utf8), .unfinished(line: 1)),
        (Array("# a \\\nA=b\n".utf8), .continuedComment(line: 1)),
        (Array("\n;\\\r\nA=b\n".utf8), .continuedComment(line: 2)),
        (Array("A='b\nc'\nD=".utf8) + [0xff, 10], .notUTF8(line: 3)), (Array("A=b\n".utf8) + [0], .nul(line: 2)),
        (Array(repeating: 10, count: EnvironmentFile.limit + 1), .tooLarge),
    ]

    @Test(
        "Comments, quotes, blanks, backslashes and continued lines are taken as systemd takes them; the last one counts"
    )
    func table() throws {
        for (text, values) in Self.read {
            #expect(try EnvironmentFile(parsing: Array(text.utf8)).values == values, "\(text.debugDescription)")
        }
    }

    @Test("What systemd would skip or cut short is refused, with its line")
    func refusals() {
        for (bytes, fault) in Self.refused {
            let text = String(decoding: bytes.prefix(40), as: UTF8.self)
            #expect(throws: fault, "\(text.debugDescription)") { try EnvironmentFile(parsing: bytes) }
        }
    }

    @Test(
        "systemd itself reads the same in every file that is not refused: the table, and files of its pieces",
        .enabled(if: SystemdParser.machine != nil, "needs systemd 252 and its libsystemd-shared"))
    func asSystemd() throws {
        let systemd = try #require(SystemdParser.machine)
        for (text, values) in Self.read where text != "" {
            #expect(systemd.values(Array(text.utf8)) == values, "\(text.debugDescription)")
        }
        let pieces = [
            "A", "B", "=", "=", "=", "b", " ", "\t", "\n", "\n", "\n", "\r", "#", ";", "'", "\"", "\\", "\\", "$", "`",
            "\u{e4}",
        ]
        var numbers = SeededNumbers(6)
        var taken = 0
        for _ in 0..<Soak.times(20_000, full: 1_000_000) {
            let count = Int.random(in: 1...24, using: &numbers)
            let text = (0..<count).map { _ in pieces.randomElement(using: &numbers)! }.joined()
            guard let file = try? EnvironmentFile(parsing: Array(text.utf8)) else { continue }
            taken += 1
            let values = systemd.values(Array(text.utf8))
            guard values == file.values else {
                Issue.record("\(text.debugDescription): \(file.values), and systemd \(String(describing: values))")
                return
            }
        }
        #expect(taken > 1_000)
    }
}

/// `load_env_file` of this machine's systemd: what it does with EnvironmentFile=.
private struct SystemdParser {
    private typealias Load =
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?,
            UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
        ) -> Int32

    static let machine: SystemdParser? = {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/lib"]
        let library = folders.lazy.compactMap {
            dlopen($0 + "/systemd/libsystemd-shared-252.so", RTLD_NOW | RTLD_LOCAL)
        }
        guard let handle = library.first, let found = dlsym(handle, "load_env_file") else { return nil }
        return SystemdParser(load: unsafeBitCast(found, to: Load.self))
    }()

    private let load: Load

    func values(_ bytes: [UInt8]) -> [String: String]? {
        var bytes = bytes + [0]
        guard let file = fmemopen(&bytes, bytes.count - 1, "r") else { return nil }
        defer { fclose(file) }
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        guard load(OpaquePointer(file), nil, &list) >= 0 else { return nil }
        var values: [String: String] = [:]
        var next = list
        while let line = next?.pointee {
            let text = String(cString: line)
            let equals = text.firstIndex(of: "=")!
            values[String(text[..<equals])] = String(text[text.index(after: equals)...])
            free(line)
            next = next?.advanced(by: 1)
        }
        free(list)
        return values
    }
}
