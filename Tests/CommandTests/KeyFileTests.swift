// SPDX-License-Identifier: MIT
import Testing
import Vault

@testable import ig_shop_auth

@Suite("KeyFile")
struct KeyFileTests {
    @Test("A keyring is read from a file of mode 0640 or tighter", arguments: [0o640, 0o600, 0o400, 0o440])
    func readable(_ mode: Int) throws {
        let directory = try TemporaryDirectory()
        let line = Keyring.generateLine(id: try #require(KeyID("2026-01")), random: .system)
        let file = try directory.write("keys", "# ours\n\(line)\n", mode: mode)
        #expect(try KeyFile.load(file).ids.map(\.description) == ["2026-01"])
    }

    @Test(
        "A file that others can read, or the group can change, is refused",
        arguments: [0o644, 0o660, 0o604, 0o650, 0o641])
    func tooOpen(_ mode: Int) throws {
        let directory = try TemporaryDirectory()
        let line = Keyring.generateLine(id: try #require(KeyID("a")), random: .system)
        let file = try directory.write("keys", line, mode: mode)
        let fault = #expect(throws: KeyFile.Fault.self) { try KeyFile.load(file) }
        #expect(try #require(fault).description.contains(String(mode, radix: 8)))
    }

    @Test("What is wrong in the file is told by line, and no byte of it is printed (checklist 34)")
    func faults() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("keys", "one canary\ntwo\n")
        let fault = try #require(#expect(throws: KeyFile.Fault.self) { try KeyFile.load(file) })
        #expect(fault.description.contains("line 1") && fault.description.contains("line 2"))
        #expect(!fault.description.contains("canary"))
    }

    @Test(
        "A missing, an empty and an endless file are faults",
        arguments: ["/nonexistent/keys", "/dev/null", "/dev/zero"])
    func unusable(_ path: String) {
        #expect(throws: KeyFile.Fault.self) { try KeyFile.load(path) }
    }
}
