// SPDX-License-Identifier: MIT
import Foundation
import Testing

extension MachineTests {
    /// What is wrong is said in a line, nothing loops, and what was mended works again.
    @Suite(.serialized, .machine)
    struct BadDayTests {
        private let machine = Machine.current!
        private let env = Machine.environmentFile
        private let secret = "/etc/credstore/ig-shop-auth.meta-app-secret"

        init() async throws {
            // What a test before left that did not come to its end.
            try await machine.shell(
                """
                if mountpoint -q /var/lib/ig-shop-auth; then
                    systemctl stop ig-shop-auth.socket ig-shop-auth.service; umount /var/lib/ig-shop-auth
                fi
                rm -rf /etc/systemd/system/ig-shop-auth.service.d /run/ig-shop-auth/failures; systemctl daemon-reload
                systemctl reset-failed; systemctl start ig-shop-auth
                """)
            try await machine.ready()
        }

        /// Broken by `breakIt`, while visitors ask: one start, these lines, then silence. Mended by `mendIt` and a start: well.
        private func refuses(_ breakIt: String, _ lines: [String], _ mendIt: String) async throws {
            try await machine.shell(
                """
                printf '#!/bin/sh\\necho "$1" >>/run/alerted\\n' >/etc/ig-shop-auth/on-failure
                chmod 755 /etc/ig-shop-auth/on-failure; rm -f /run/alerted
                """)
            let before = try await machine.cursor()
            try await machine.shell("set +e; \(breakIt)")
            let (_, _) = try await Load.during(machine.gets(Browser()), visitors: 2) {
                let restart = try await machine.run("systemctl", "restart", "ig-shop-auth")
                #expect(restart.end != .exit(0), "systemctl tells it")
                _ = try await eventually("the end of it") {
                    try await machine.property("ActiveState") == "failed" ? true : nil
                }
                _ = try await eventually("the alert") { try? machine.read("/run/alerted") }
            }
            let said = try await machine.journal("ig-shop-auth", after: before)
            for line in lines {
                #expect(said.components(separatedBy: line).count == 2, "once: \(line) in \(said)")
            }
            #expect(try machine.read("/run/alerted") == "ig-shop-auth.service\n")
            #expect(try await machine.property("ActiveState", of: "ig-shop-auth.socket") == "inactive")
            try await machine.shell(mendIt)
            try await machine.shell("systemctl start ig-shop-auth; rm -f /etc/ig-shop-auth/on-failure")
            try await machine.ready()
        }

        @Test("No keys")
        func noKeys() async throws {
            try await refuses(
                "mv /etc/ig-shop-auth/keys /root/", ["IG_SHOP_AUTH_KEYS: /etc/ig-shop-auth/keys cannot be read"],
                "mv /root/keys /etc/ig-shop-auth/")
        }

        @Test("Two settings that are wrong: a line for each")
        func badSettings() async throws {
            try await refuses(
                "cp \(env) /root/env; printf 'IG_SHOP_AUTH_LOG_LEVEL=loud\\nMETA_GRAPH_VERSION=x\\n' >>\(env)",
                ["IG_SHOP_AUTH_LOG_LEVEL: is not one of", "META_GRAPH_VERSION: is not a version"], "cp /root/env \(env)"
            )
        }

        @Test("The app's secret is missing: the line names its file")
        func noSecret() async throws {
            try await refuses(
                "mv \(secret) /root/secret", ["META_APP_SECRET: is missing", secret], "mv /root/secret \(secret)")
        }

        @Test(
            "A credential that an operator's own drop-in names, and that is not there: systemd ends it, with 243, once")
        func noCredential() async throws {
            try await refuses(
                """
                mkdir -p /etc/systemd/system/ig-shop-auth.service.d
                printf '[Service]\\nLoadCredential=edge:/root/none\\n' >/etc/systemd/system/ig-shop-auth.service.d/edge.conf
                systemctl daemon-reload
                """, ["status=243/CREDENTIALS"],
                "rm -r /etc/systemd/system/ig-shop-auth.service.d; systemctl daemon-reload")
        }

        @Test("A disk that is full at the start: it starts, says so, and goes on by itself once there is room")
        func fullDisk() async throws {
            try await machine.shell(
                """
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                mkdir /root/kept; cp -a \(Machine.database) /root/kept/
                mount -t tmpfs -o size=4m,mode=0700,uid=$(id -u ig-shop-auth),gid=$(id -g ig-shop-auth) none /var/lib/ig-shop-auth
                cp -a /root/kept/. /var/lib/ig-shop-auth/
                # Room for the index of the log and for a few commits.
                used=$(df --output=used -k /var/lib/ig-shop-auth | tail -n 1)
                mount -o remount,size=$((used + 80))k /var/lib/ig-shop-auth
                systemctl start ig-shop-auth
                """)
            #expect(try await machine.property("ActiveState") == "active")
            _ = try await eventually("the disk to be full") {
                try await HTTPClient.shared.send(.get, machine.readyz).status == 503 ? true : nil
            }
            _ = try await eventually("the status to say so") {
                try await machine.property("StatusText").contains("storage_unavailable") ? true : nil
            }
            let connecting = await #expect(throws: Missing.self) { try await machine.connect(Browser()) }
            #expect(connecting != nil)
            #expect(try await machine.property("NRestarts") == "0")
            try await machine.shell("mount -o remount,size=8m /var/lib/ig-shop-auth")
            try await machine.ready()
            try await machine.connect(Browser())
            _ = try await eventually("a good status") {
                try await machine.property("StatusText").contains("storage_unavailable") ? nil : true
            }
            try await machine.shell(
                """
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                umount /var/lib/ig-shop-auth; systemctl start ig-shop-auth
                """)
        }

        @Test("A disk without a byte: no start succeeds, each tells it, not ten times a second, and one does with room")
        func noByte() async throws {
            let before = try await machine.cursor()
            try await machine.shell(
                """
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                mkdir -p /root/full; cp -a \(Machine.database) /root/full/
                mount -t tmpfs -o size=4m,mode=0700,uid=$(id -u ig-shop-auth),gid=$(id -g ig-shop-auth) none /var/lib/ig-shop-auth
                cp -a /root/full/. /var/lib/ig-shop-auth/
                used=$(df --output=used -k /var/lib/ig-shop-auth | tail -n 1)
                mount -o remount,size=$((used + 4))k /var/lib/ig-shop-auth
                systemctl start --no-block ig-shop-auth; sleep 3
                mount -o remount,size=8m /var/lib/ig-shop-auth
                """)
            try await machine.ready()
            let told = try await machine.journal("ig-shop-auth", after: before)
            #expect(told.components(separatedBy: "IG_SHOP_AUTH_DATABASE: ").count == 2, "\(told)")
            try await machine.shell(
                """
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                umount /var/lib/ig-shop-auth; systemctl start ig-shop-auth
                """)
        }

        @Test("/run emptied: it says that nginx cannot reach it, and systemd makes the socket again")
        func emptiedRun() async throws {
            try await machine.connect(Browser())
            try await machine.shell("rm -rf /run/ig-shop-auth")
            try await machine.ready()
            #expect(try await machine.journal("ig-shop-auth").contains("/run/ig-shop-auth/ig-shop-auth.sock"))
            try await machine.connect(Browser())
        }

        @Test("A clock that is an hour off, or years: a line says so, and it goes on once it is right")
        func wrongClock() async throws {
            // The program alone gets another time: the tests and nginx share the machine's.
            try FileManager.default.copyItem(
                atPath: await Shims.clock.value, toPath: machine.path("/usr/lib/clock-of-a-test.so"))
            let offsets = machine.path("/usr/lib/clock-of-a-test")
            guard FileManager.default.createFile(atPath: offsets, contents: Data(count: 16)) else {
                throw Missing("a file")
            }
            func set(_ seconds: Int64) throws {
                // In place: the program has it mapped.
                let file = try FileHandle(forWritingTo: URL(fileURLWithPath: offsets))
                try file.write(contentsOf: withUnsafeBytes(of: seconds) { Data($0) })
                try file.close()
            }
            try set(0)
            try await machine.shell(
                """
                mkdir -p /etc/systemd/system/ig-shop-auth.service.d
                printf '[Service]\\nEnvironment=LD_PRELOAD=/usr/lib/clock-of-a-test.so SHIM_CLOCK=/usr/lib/clock-of-a-test\\n' \
                    >/etc/systemd/system/ig-shop-auth.service.d/clock.conf
                systemctl daemon-reload; chmod 644 /usr/lib/clock-of-a-test
                """)
            for (seconds, line) in [(3_600, "clock wrong"), (-50 * 365 * 86_400, "Instagram untrusted")] {
                try set(Int64(seconds))
                let before = try await machine.cursor()
                try await machine.shell("systemctl restart ig-shop-auth")
                try await machine.ready()
                _ = try? await machine.connect(Browser())
                #expect(try await machine.journal("ig-shop-auth", after: before).contains(line))
                #expect(try await machine.property("NRestarts") == "0")
                // Without a restart.
                try set(0)
                let browser = Browser()
                try await machine.connect(browser)
                #expect(try await browser.asking(machine.status).text.contains(#""connected":true"#))
            }
            try await machine.shell(
                """
                rm -r /etc/systemd/system/ig-shop-auth.service.d; systemctl daemon-reload
                systemctl restart ig-shop-auth
                """)
        }

        @Test("A broken file on reload: the reload fails with the line, and what ran goes on")
        func brokenReload() async throws {
            let before = try machine.read("/etc/ig-shop-auth/agents")
            try machine.write("chat only-a-name\n", to: "/etc/ig-shop-auth/agents")
            let said = try await machine.run("systemctl", "reload", "ig-shop-auth")
            #expect(said.end != .exit(0))
            #expect(try await machine.journal("ig-shop-auth").contains("/etc/ig-shop-auth/agents: line 1"))
            #expect(try await machine.property("ActiveState") == "active")
            try machine.write(before, to: "/etc/ig-shop-auth/agents")
            #expect(try await machine.run("systemctl", "reload", "ig-shop-auth").end == .exit(0))
        }
    }
}
