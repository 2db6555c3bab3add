// SPDX-License-Identifier: MIT
import Testing

extension MachineTests {
    @Suite(.serialized, .machine)
    struct RebootTests {
        private let machine = Machine.current!

        @Test("The machine is booted anew: what was due is renewed before any visitor comes")
        func reboot() async throws {
            try await machine.connect(Browser())
            let before = try machine.kept.users()[0].generation
            // Forty days pass, for Instagram and for the row: due since yesterday.
            try await machine.standIn.set(#"{"clock_offset": 3456000}"#)
            try await machine.shell(
                """
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                sqlite3 \(Machine.database) "UPDATE users SET token_issued_at = token_issued_at - 3456000,
                    token_expires_at = token_expires_at - 3456000, next_renewal_at = unixepoch() - 86400;"
                chown ig-shop-auth: \(Machine.database)*
                """)
            try await machine.reboot()
            _ = try await eventually("the renewal") { try machine.kept.users()[0].generation > before ? true : nil }
            let said = try await machine.journal("ig-shop-auth")
            #expect(!said.contains(#""route":"/auth"#), "no visitor had come")
            #expect(try await machine.property("ActiveState", of: "ig-shop-auth.socket") == "active")
            try await machine.ready()
        }
    }
}
