// SPDX-License-Identifier: MIT
import Testing
import Vault

@testable import Connect

/// Who an agent is, by the key that it shows.
@Suite struct AgentsTests {
    private let key = AgentFiles.key("bot")
    private let agents: Agents

    init() throws {
        agents = try Agents(
            parsing: Array(
                """
                # ours
                bot \(AgentFiles.hash("bot")) *  # everybody's

                \tshop-a\t\(AgentFiles.hash("shop-a")) 42/shop-a,42/shop-b
                """.utf8))
    }

    @Test("A key is the one agent's whose hash is in the file; the names are told in the file's order")
    func known() throws {
        #expect(agents.names == ["bot", "shop-a"])
        #expect(agents.agent(presenting: "Bearer \(key)")?.name == "bot")
        let shop = try #require(agents.agent(presenting: "Bearer \(AgentFiles.key("shop-a"))"))
        #expect(shop.name == "shop-a")
        #expect(shop.mayServe("42/shop-a") && shop.mayServe("42/shop-b") && !shop.mayServe("42/shop-c"))
        #expect(try #require(agents.agent(presenting: "Bearer \(key)")).mayServe("anybody"))
    }

    @Test("The scheme is in any case, and one or more spaces follow it (RFC 6750, RFC 9110)")
    func scheme() {
        for scheme in ["Bearer ", "bearer ", "BEARER ", "bEaReR   "] {
            #expect(agents.agent(presenting: scheme + key)?.name == "bot", "\(scheme)")
        }
    }

    @Test("What is no bearer's key is nobody")
    func malformed() {
        let hash = AgentFiles.hash("bot")
        var bad = [
            nil, "", "Bearer", "Bearer ", "Bearer\(key)", "Bearer\t\(key)", "Bearer \t\(key)", " Bearer \(key)",
            "Bearer \(key) ", "Bearer \(key),", "Bearer \(key)=", "Bearer \(key) \(key)", "Bearer \"\(key)\"",
            "Basic \(key)", "Token \(key)", "Bearer: \(key)", key, "Bearer \(hash)", "Bearer igsa_",
            "Bearer igsa_\(hash)",
            "Bearer \(key.dropFirst(5))", "Bearer IGSA_\(key.dropFirst(5))", "Bearer \(key.dropLast())",
            "Bearer \(key.dropLast())\u{0}", "Bearer \(key)A", "Be\u{1}rer \(key)", "Bearer, Bearer \(key)",
            "Bearer " + String(repeating: " ", count: 300) + key, "Bearer " + String(repeating: "A", count: 100_000),
            "Bearer \(AgentFiles.key("nobody"))", "\u{212A}earer \(key)",
        ]
        // The last letter has bits that belong to no byte: another text, the same key, if one were not strict.
        bad += "AEIMQUYcgkosw048".flatMap { last in
            ["Bearer \(key.dropLast())\(last)"].filter { $0 != "Bearer \(key)" }
        }
        for authorization in bad {
            #expect(agents.agent(presenting: authorization) == nil, "\(authorization?.prefix(80) ?? "none")")
        }
    }

    @Test("A hash of something that has not a key's form opens nothing")
    func form() throws {
        let short = Digest.sha256("password".utf8).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let agents = try Agents(parsing: "a \(short) *\nb \(empty) *".utf8)
        for text in ["Bearer password", "Bearer ", nil] { #expect(agents.agent(presenting: text) == nil) }
    }

    @Test("A key is flipped at each of its letters: nobody")
    func flipped() {
        for index in key.indices {
            for other in ["A", "b", "-"] where String(key[index]) != other {
                let text = key.replacingCharacters(at: index, with: other)
                #expect(agents.agent(presenting: "Bearer \(text)") == nil)
            }
        }
    }

    @Test("A new key is 256 bits in its form, another one each time, and does not print (checklist 34)")
    func generated() {
        let keys = (0..<100).map { _ in AgentKey.generate() }
        #expect(Set(keys.map { $0.exposedText() }).count == 100)
        #expect(keys.allSatisfy { $0.exposedText().wholeMatch(of: /igsa_[A-Za-z0-9_-]{43}/) != nil })
        #expect(!"\(keys[0])".contains("igsa_"))
    }

    @Test("A reload replaces all agents at once; without a file nobody is known")
    func inForce() throws {
        let inForce = AgentsInForce(.none)
        let before = inForce.current
        #expect(inForce.current.names.isEmpty && inForce.current.agent(presenting: "Bearer \(key)") == nil)
        inForce.replace(with: agents)
        #expect(inForce.current.agent(presenting: "Bearer \(key)")?.name == "bot")
        #expect(before.names.isEmpty)
    }
}

extension String {
    fileprivate func replacingCharacters(at index: Index, with text: String) -> String {
        String(self[..<index]) + text + String(self[self.index(after: index)...])
    }
}
