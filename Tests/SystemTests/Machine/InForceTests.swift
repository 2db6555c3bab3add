// SPDX-License-Identifier: MIT
import Connect
import Testing
import Vault

extension MachineTests {
    /// `systemctl reload`: it returns when the new files are in force, or says why they are not.
    @Suite(.serialized, .machine)
    struct InForceTests {
        private let machine = Machine.current!
        private let keys = "/etc/ig-shop-auth/keys"
        private let agents = "/etc/ig-shop-auth/agents"

        private func users(_ key: String) async throws -> Int {
            try await HTTPClient.shared.send(
                .get, "http://127.0.0.1:9180/agent/v1/users", headers: [(name: "Authorization", value: "Bearer \(key)")]
            ).status
        }

        private func reload() async throws -> Command { try await machine.run("systemctl", "reload", "ig-shop-auth") }

        @Test("An agent whose line is taken out is refused from the moment that the reload returns")
        func agentRemoved() async throws {
            let before = try machine.read(agents)
            let made = try await machine.shell("ig-shop-auth agent-key chat --users '*'")
            let key = try #require(made.split(separator: "\n").first.map(String.init))
            for _ in 0..<5 {
                try machine.write(
                    before + made.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n", to: agents)
                #expect(try await reload().end == .exit(0))
                #expect(try await users(key) == 200)
                try machine.write(before, to: agents)
                #expect(try await reload().end == .exit(0))
                #expect(try await users(key) == 401)
            }
        }

        @Test("A new first key is in force, and a broken keyring fails the reload with its line and changes nothing")
        func keyring() async throws {
            let before = try machine.read(keys)
            let line = Keyring.generateLine(id: KeyID("second")!, random: .system)
            try machine.write(line + "\n" + before, to: keys)
            #expect(try await reload().end == .exit(0))
            let browser = Browser()
            try await machine.connect(browser)
            #expect(
                try machine.kept.users().contains {
                    try $0.token(Keyring(parsing: Array((line + "\n").utf8))).isEmpty == false
                })
            #expect(try await machine.shell("ig-shop-auth keys list").contains("second"))

            try machine.write("second not-a-key\n", to: keys)
            #expect(try await reload().end != .exit(0))
            let said = try await machine.journal("ig-shop-auth")
            #expect(said.contains("\(keys): line 1"))
            #expect(try await browser.asking(machine.status).text.contains(#""connected":true"#))
            #expect(try await machine.property("StatusText").contains("second"))

            try machine.write(line + "\n" + before, to: keys)
            #expect(try await reload().end == .exit(0))
        }
    }
}
