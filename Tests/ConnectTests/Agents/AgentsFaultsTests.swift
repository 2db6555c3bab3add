// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Vault

@testable import Connect

@Suite struct AgentsFaultsTests {
    private static let hash = AgentFiles.hash("k")
    private static let key = AgentFiles.key("k")
    private static let good = "good \(AgentFiles.hash("good")) *"

    /// A comment, a good line, then the line in question: the third.
    @Test(
        "Each fault is told by its kind and line",
        arguments: [
            ("lonely", [.malformedLine]),
            ("a \(hash) * more", [.malformedLine]),
            ("a \(hash) 1, 2", [.malformedLine]),
            ("a \(hash)", [.noUsers]),
            ("a \(hash) # *", [.noUsers]),
            ("bad/name \(hash) *", [.badName]),
            ("n\u{e4}me \(hash) *", [.badName]),
            ("\(String(repeating: "n", count: 65)) \(hash) *", [.badName]),
            ("a \(hash.dropLast()) *", [.badHash]),
            ("a \(hash)0 *", [.badHash]),
            ("a \(hash.uppercased()) *", [.badHash]),
            ("a \(hash.dropLast())g *", [.badHash]),
            ("\(hash) a *", [.badHash]),
            ("a \(key) *", [.key]),
            ("\(key) \(hash) *", [.key]),
            ("a \(hash) \(key)", [.key]),
            ("a \(hash) 1,\(key)", [.key]),
            (key, [.key, .malformedLine]),
            ("\(key)x \(key)", [.key, .noUsers]),
            ("good \(hash) *", [.duplicateName(firstLine: 2)]),
            ("a \(AgentFiles.hash("good")) *", [.duplicateHash(firstLine: 2)]),
            (
                "good \(AgentFiles.hash("good"))",
                [.duplicateName(firstLine: 2), .duplicateHash(firstLine: 2), .noUsers]
            ),
            ("a \(hash) ,", [.user(1, .empty)]),
            ("a \(hash) 1,", [.user(2, .empty)]),
            ("a \(hash) 1,,2,,3", [.user(2, .empty)]),
            ("a \(hash) 1,%", [.user(2, .badEscape)]),
            ("a \(hash) %2", [.user(1, .badEscape)]),
            ("a \(hash) %2g,%", [.user(1, .badEscape)]),
            ("a \(hash) %%20", [.user(1, .badEscape)]),
            ("a \(hash) 1,*", [.user(2, .unescaped)]),
            ("a \(hash) **", [.user(1, .unescaped)]),
            ("a \(hash) m\u{fc}ller", [.user(1, .unescaped)]),
            ("a \(hash) *\r", [.user(1, .unescaped)]),
            ("a \(hash) a\u{7f}", [.user(1, .unescaped)]),
            ("a \(hash) %00", [.user(1, .noName)]),
            ("a \(hash) %c2%80", [.user(1, .noName)]),
            ("a \(hash) %ff", [.user(1, .noName)]),
            ("a \(hash) %ef%bf%bd", [.user(1, .noName)]),
            ("a \(hash) \(String(repeating: "u", count: 129))", [.user(1, .noName)]),
            ("bad/name xyz ,%,%00", [.badName, .badHash, .user(1, .empty), .user(2, .badEscape), .user(3, .noName)]),
        ] as [(String, [AgentFault])])
    func kinds(line: String, kinds: [AgentFault]) {
        let faults = AgentFiles.faults(in: "# agents\n\(Self.good)\n\(line)\n".utf8)
        #expect(faults.map(\.kind) == kinds)
        #expect(faults.allSatisfy { $0.line == 3 })
    }

    @Test("All faults of a file are told at once, a line each, without a byte of a key or a hash (checklist 34)")
    func allAtOnce() {
        let text = """
            \(Self.good)
            a \(Self.key) *
            \(Self.hash) a *
            b \(Self.hash)

            c \(Self.hash) ,
            good \(AgentFiles.hash("good")) *
            """
        let faults = AgentsFaults(faults: AgentFiles.faults(in: text.utf8))
        #expect(faults.faults.map(\.line) == [2, 3, 4, 6, 6, 7, 7])
        let told = faults.description
        #expect(told.split(separator: "\n").count == 7)
        #expect(told.hasPrefix("line 2: a key stands here"))
        let secrets = [Self.key, Self.hash, AgentFiles.hash("good")]
        #expect(secrets.allSatisfy { !told.contains($0.prefix(9)) && !told.contains($0.suffix(8)) })
    }

    @Test("A user's list is what it says, decoded once, byte for byte")
    func users() throws {
        let list =
            "42/shop-a,a%20b,%2a,%2C,%25,%2525,%23,m%C3%BCller,mu%CC%88ller,%41,A,\(String(repeating: "u", count: 128))"
        let agents = try Agents(parsing: "a \(Self.hash) \(list)".utf8)
        let agent = try #require(agents.all.first)
        let good = [
            "42/shop-a", "a b", "*", ",", "%", "%25", "#", "m\u{fc}ller", "mu\u{308}ller", "A",
            String(repeating: "u", count: 128),
        ]
        for user in good { #expect(agent.mayServe(user), "\(user)") }
        for user in ["", "42/shop", "42/shop-a ", "42/shop-a,a b", "%2a", "a%20b", "a", "anybody"] {
            #expect(!agent.mayServe(user), "\(user)")
        }
        guard case .some(let users) = agent.users else { throw Unexpected() }
        #expect(
            users.map { Array($0.utf8) } == Set(good.map { Array($0.utf8) }).sorted { $0.lexicographicallyPrecedes($1) }
        )
        #expect(users.count == good.count, "%41 and A are one")
    }

    @Test("Two spellings that look alike are two users")
    func canonicalEquivalence() throws {
        let agents = try Agents(parsing: "a \(Self.hash) m%C3%BCller".utf8)
        let agent = try #require(agents.all.first)
        #expect(agent.mayServe("m\u{fc}ller") && !agent.mayServe("mu\u{308}ller"))
    }

    @Test("Whatever a user is called, the list takes it as it is written for it")
    func written() throws {
        let scalars = (0x20...0x2ff).compactMap(Unicode.Scalar.init).filter {
            $0.properties.generalCategory != .control
        }
        let names = scalars.map { "x\($0)" } + ["*", "%41", " ", "\u{1F6D2}"]
        let list = names.map(Agent.Users.written).joined(separator: ",")
        #expect(list.utf8.allSatisfy { (0x21...0x7e).contains($0) })
        let agent = try #require(try Agents(parsing: "a \(Self.hash) \(list)".utf8).all.first)
        for name in names { #expect(agent.mayServe(name), "\(name)") }
        #expect(Agent.Users.written("42/shop-a") == "42/shop-a")
        #expect(Agent.Users.written("a\tb,c") == "a%09b%2Cc")
    }

    @Test("A file without an agent is none of the faults", arguments: ["", "\n\n", "# nobody\n", " \t"])
    func nobody(text: String) throws {
        #expect(try Agents(parsing: text.utf8).names.isEmpty)
    }

    @Test("Ten thousand agents are read, one more is a fault, told once")
    func tooMany() throws {
        let lines = (1...10_003).map { number in
            let digits = String(number, radix: 16)
            return "agent-\(number) \(String(repeating: "0", count: 64 - digits.count))\(digits) *"
        }
        #expect(try Agents(parsing: lines[..<10_000].joined(separator: "\n").utf8).names.count == 10_000)
        let faults = AgentFiles.faults(in: lines.joined(separator: "\n").utf8)
        #expect(faults == [.init(line: 10_001, kind: .tooManyAgents)])
    }

    @Test("One MiB is read, one byte more is not")
    func tooLarge() throws {
        let full =
            Array(Self.good.utf8) + [UInt8](repeating: UInt8(ascii: "\n"), count: (1 << 20) - Self.good.utf8.count)
        #expect(try Agents(parsing: full).names == ["good"])
        #expect(AgentFiles.faults(in: full + [UInt8(ascii: "\n")]).map(\.kind) == [.tooLarge])
    }

    @Test("Whatever stands in the file, it is read or refused by lines that are there, and no key is told")
    func garbage() {
        var random = SeededNumbers(4)
        let good = Array("# ours\n\(Self.good)\na \(Self.hash) 42/shop-a,a%20b\n#b \(Self.key) *\n".utf8)
        let favourites = Array(" \t\n\r#,%*0aF\u{0}".utf8) + [0xc3, 0xff]
        let count = Soak.times(2_000)
        var read = 0
        for _ in 0..<count {
            var text = good
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text.remove(at: place)
                case 1: text.insert(favourites.randomElement(using: &random)!, at: place)
                case 2: text[place] = UInt8.random(in: 0...255, using: &random)
                default: text.replaceSubrange(place..., with: good[min(place / 2, good.count)...])
                }
            }
            let faults = AgentFiles.faults(in: text)
            read += faults.isEmpty ? 1 : 0
            let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).count
            #expect(faults.allSatisfy { (1...lines).contains($0.line) })
            let told = AgentsFaults(faults: faults).description
            #expect(!told.contains(Self.key.suffix(8)) && !told.contains(Self.hash.suffix(8)))
        }
        #expect((1..<count).contains(read), "some of them are good")
        Soak.record("agents files of garbage", count, "read or refused by line, no key told")
    }

    private struct Unexpected: Error {}
}
