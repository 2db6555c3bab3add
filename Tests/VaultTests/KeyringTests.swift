// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct KeyringTests {
    @Test("the file's order is the keyring's; comments, blanks, tabs and empty lines mean nothing")
    func order() throws {
        let text = """
            # the keyring of a shop

            \t \(Samples.line("new").replacing(" ", with: " \t "))  # since May
            \(Samples.line("old"))#until June
              # \(Samples.line("gone"))
            \(Samples.line("leaked"))
            """
        let keyring = try Keyring(parsing: text.utf8)
        #expect(keyring.ids.map(\.description) == ["new", "old", "leaked"])
        #expect(keyring.signingID == KeyID("new"))
    }

    @Test("a generated line is a keyring, and no two are alike")
    func generated() throws {
        let id = try #require(KeyID("2026-01"))
        let line = Keyring.generateLine(id: id, random: .system)
        #expect(line.utf8.count == "2026-01 ".utf8.count + 43)
        #expect(try Keyring(parsing: line.utf8).ids == [id])
        #expect(line != Keyring.generateLine(id: id, random: .system))
    }

    @Test("a hundred keys make a keyring")
    func hundred() throws {
        let lines = (1...100).map { Samples.line("key-\($0)") }.joined(separator: "\n")
        #expect(try Keyring(parsing: lines.utf8).ids.count == 100)
    }
}
