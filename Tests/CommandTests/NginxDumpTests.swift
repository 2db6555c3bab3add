import Connect
import TestSupport
// SPDX-License-Identifier: MIT
import Testing
import Vault

@testable import ig_shop_auth

/// nginx's language as `nginx -T` prints it.
@Suite
struct NginxDumpTests {
    private func words(_ text: String) throws -> [[String]] {
        try NginxDump("# configuration file /etc/nginx/nginx.conf:\n\(text)").directives.map(\.words)
    }

    private static let header = "# configuration file /n:\n"

    private static let split: [(String, [String])] = [
        ("a b  c;", ["a", "b", "c"]), ("a 'b c' \"d;{}#e\";", ["a", "b c", "d;{}#e"]),
        ("a \"x\\\"y\" 'x\\'y' x\\ y;", ["a", "x\"y", "x'y", "x\\ y"]), ("a \"\\.\\\\\";", ["a", "\\.\\"]),
        ("a b#c; # d;", ["a", "b#c"]), ("a ${b}c$d;", ["a", "${b}c$d"]), ("a \"b\nc\"\n;", ["a", "b\nc"]),
        ("a\tb\r\n;", ["a", "b"]), ("a \"\";", ["a", ""]), ("a \"\\t\\n\";", ["a", "\t\n"]), ("a ü;", ["a", "ü"]),
    ]

    private static let wrong: [(String, NginxDump.Fault)] = [
        ("", NginxDump.Fault.noFiles), ("a;", .noFiles), (header + "a", .unreadable("/n", line: 1)),
        (header + "a {", .unreadable("/n", line: 1)), (header + "\n}", .unreadable("/n", line: 2)),
        (header + "a \"b", .unreadable("/n", line: 1)), (header + ";", .unreadable("/n", line: 1)),
        (header + "include /m;", .missing("/m")), (header + "include /n;", .tooDeep("/n")),
        (header + String(repeating: "a {", count: 100_000), .tooDeep("/n")),
    ]

    private static let times: [(String, Double?)] = [
        ("60", 60.0), ("60s", 60), ("1m", 60), ("1m30s", 90), ("500ms", 0.5), ("1h", 3_600), ("x", nil), ("", nil),
    ]

    @Test(
        "Words end where nginx ends them",
        arguments: split)
    func words(_ text: String, _ expected: [String]) throws {
        #expect(try words(text) == [expected])
    }

    @Test("Lines are counted from the header of each file, also after quotations over several lines")
    func lines() throws {
        let dump = try NginxDump(
            """
            nginx: configuration file test is successful
            # configuration file /etc/nginx/nginx.conf:
            a "1
            2"
              b;
            include x/*.conf;
            # configuration file /etc/nginx/x/2.conf:
            # a comment
            d;
            # configuration file /etc/nginx/x/1.conf:
            c {
                include /etc/nginx/y;
            }
            # configuration file /etc/nginx/y:
            inner;
            """)
        #expect(dump.directives.map(\.name) == ["a", "c", "d"])
        #expect(dump.directives.map(\.line) == [1, 1, 2])
        #expect(dump.directives.map(\.file) == ["/etc/nginx/nginx.conf", "/etc/nginx/x/1.conf", "/etc/nginx/x/2.conf"])
        #expect(dump.directives[1].block?.map(\.file) == ["/etc/nginx/y"])
    }

    @Test("Lua inside nginx's language is not read")
    func lua() throws {
        #expect(
            try words("content_by_lua_block { if x { return \"} } b;").map(\.first) == ["content_by_lua_block", "b"])
    }

    @Test(
        "What nginx would not take is a fault with its place",
        arguments: wrong)
    func refused(_ text: String, _ fault: NginxDump.Fault) {
        #expect(throws: fault) { try NginxDump(text) }
    }

    @Test("The shipped files, cut and mutated, are read or refused")
    func mutated() throws {
        let whole = Array(try ShippedNginx("-request").dump.utf8)
        var random = SeededNumbers(5)
        let count = Soak.times(200)
        for _ in 0..<count {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = "{};\"'\\$# \nx".utf8.randomElement(
                    using: &random)!
            }
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random) / 4)
            guard let dump = try? NginxDump(String(decoding: bytes, as: UTF8.self)) else { continue }
            _ = NginxRule.faults(
                in: NginxSite(dump, sockets: []), NginxNeeds(identity: .remoteUser(edge: EdgeSecret(utf8: "x"))))
        }
        Soak.record("mutated configurations of nginx through `check`", count, "read or refused, no crash")
    }

    @Test(
        "Times and sizes as nginx writes them",
        arguments: times)
    func seconds(_ text: String, _ seconds: Double?) {
        #expect(NginxUnits.seconds(text) == seconds)
        #expect(NginxUnits.bytes("16k") == 16_384 && NginxUnits.bytes("1M") == 1 << 20 && NginxUnits.bytes("9") == 9)
        #expect(NginxUnits.bytes("x") == nil && NginxUnits.bytes("9223372036854775807g") == nil)
    }
}
