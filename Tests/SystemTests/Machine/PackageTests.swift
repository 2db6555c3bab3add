// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

extension MachineTests {
    /// From the package to a connection, to the next version, to nothing.
    @Suite(.serialized)
    struct PackageTests {
        @Test("The README's steps and nothing else lead to a completed connection, and the check finds no fault")
        func installation() async throws {
            try await Machine.use { machine in
                try await machine.furnish()
                let said = try await machine.shell(
                    "cd \(Machine.packages)\n\(Machine.steps[0].split(separator: "\n")[0])", within: .seconds(120))
                #expect(said.contains("Nothing is started."))
                for unit in [
                    "ig-shop-auth.service", "ig-shop-auth.socket", "ig-shop-auth-check.timer",
                    "ig-shop-auth-backup.timer",
                ] {
                    #expect(try await machine.property("ActiveState", of: unit) == "inactive", "\(unit)")
                    #expect(try await machine.property("UnitFileState", of: unit) == "enabled", "\(unit)")
                }
                try await machine.shell("nginx -t && systemctl reload nginx")

                let initialised = try await machine.shell("ig-shop-auth init")
                #expect(
                    initialised.contains("META_APP_ID")
                        && initialised.contains("/etc/credstore/ig-shop-auth.meta-app-secret"))
                let again = try await machine.shell("ig-shop-auth init")
                #expect(!again.contains("made "), "\(again)")
                let checked = try await machine.shell(Machine.steps[1], input: Machine.appSecret + "\n")
                #expect(!checked.contains("fault "), "\(checked)")
                try await machine.ready()
                let left = try await machine.shell("ig-shop-auth init")
                #expect(left.contains(machine.settingsPage), "\(left)")
                #expect(!left.contains("systemctl start"), "\(left)")

                let browser = Browser()
                #expect(try await machine.connect(browser) == 1)
                #expect(try machine.kept.users().count == 1)
                for unit in ["ig-shop-auth-check.timer", "ig-shop-auth-backup.timer"] {
                    #expect(try await machine.property("ActiveState", of: unit) == "active", "\(unit)")
                }
                try await everyday(machine)
                try await looks(machine)
            }
        }

        /// What the timers start.
        private func everyday(_ machine: Machine) async throws {
            try await machine.shell("systemctl start ig-shop-auth-check.service")
            for _ in 0..<2 { try await machine.shell("systemctl start ig-shop-auth-backup.service; sleep 1.1") }
            let copies = try await machine.shell("cd /var/backups/ig-shop-auth; stat --format='%n %a %U' *").split(
                separator: "\n")
            #expect(copies.count == 2)
            for copy in copies { #expect(copy.hasSuffix(" 600 ig-shop-auth"), "\(copy)") }
            let name = copies[0].split(separator: " ")[0]
            let users = try await machine.shell(
                "sqlite3 -readonly 'file:/var/backups/ig-shop-auth/\(name)?immutable=1' 'SELECT count(*) FROM users'")
            #expect(users == "1\n")
            // A fault of the day is heard.
            try await machine.shell(
                """
                printf '#!/bin/sh\\necho "$1" >>/run/alerted\\n' >/etc/ig-shop-auth/on-failure
                chmod 755 /etc/ig-shop-auth/on-failure; chmod 644 /etc/ig-shop-auth/keys
                """)
            #expect(try await machine.run("systemctl", "start", "ig-shop-auth-check.service").end != .exit(0))
            _ = try await eventually("the alert") {
                try? machine.read("/run/alerted") == "ig-shop-auth-check.service\n" ? true : nil
            }
            try await machine.shell("chmod 640 /etc/ig-shop-auth/keys; rm /etc/ig-shop-auth/on-failure")
            #expect(try await machine.journal("ig-shop-auth-check").contains("/etc/ig-shop-auth/keys"))
        }

        /// Owners, modes, the page of the manual, completions.
        private func looks(_ machine: Machine) async throws {
            let modes = [
                "/etc/ig-shop-auth": "750 root:ig-shop-auth", "/etc/ig-shop-auth/keys": "640 root:ig-shop-auth",
                "/etc/ig-shop-auth/agents": "640 root:ig-shop-auth",
                "/etc/ig-shop-auth/ig-shop-auth.env": "644 root:root",
                "/etc/credstore/ig-shop-auth.meta-app-secret": "600 root:root",
                "/etc/credstore/ig-shop-auth.edge": "600 root:root",
                "/etc/nginx/ig-shop-auth-edge.conf": "600 root:root",
                "/var/lib/ig-shop-auth": "700 ig-shop-auth:ig-shop-auth",
                "/var/backups/ig-shop-auth": "700 ig-shop-auth:ig-shop-auth",
                Machine.database: "600 ig-shop-auth:ig-shop-auth",
                "/run/ig-shop-auth/ig-shop-auth.sock": "660 root:www-data",
            ]
            for (path, mode) in modes {
                #expect(try await machine.shell("stat --format='%a %U:%G' \(path)") == mode + "\n", "\(path)")
            }
            try await machine.shell(
                "man --warnings=all --pager=cat ig-shop-auth 2>&1 >/run/manual | tee /run/warnings; test ! -s /run/warnings"
            )
            #expect(try machine.read("/run/manual").contains("IG_SHOP_AUTH_RENEWALS_PER_MINUTE"))
            try await machine.shell(
                "bash -n /usr/share/bash-completion/completions/ig-shop-auth; test -s /usr/share/zsh/vendor-completions/_ig-shop-auth"
            )
        }

        @Test(
            "An upgrade under load fails no request, keeps data and keys and a copy; removal stops it; purge leaves the user"
        )
        func life() async throws {
            try await Machine.use { machine in
                let before = try await self.names(machine)
                try await machine.setUpShop()
                let browser = Browser()
                try await machine.connect(browser)
                let keys = try machine.read("/etc/ig-shop-auth/keys")
                let row = try #require(try machine.kept.users().first)

                let (load, _) = try await Load.during(machine.gets(browser)) {
                    try await machine.shell("apt-get install -y \(Machine.nextPackages)/*.deb", within: .seconds(120))
                    try await machine.ready()
                }
                #expect(load.failed.isEmpty)
                #expect(load.answered > 300)
                Soak.record(
                    "requests during `apt install` of the next version", load.answered, "\(load.failed.count) failed")
                #expect(try await machine.shell("ig-shop-auth version").contains("next"))
                #expect(try await machine.property("StatusText") != "")
                #expect(try machine.read("/etc/ig-shop-auth/keys") == keys)
                #expect(try machine.kept.users().first?.box == row.box)
                #expect(try await browser.asking(machine.status).text.contains(#""connected":true"#))
                let copies = try await machine.shell("ls \(Machine.database).schema-*")
                #expect(copies.split(separator: "\n").count == 1)
                #expect(
                    try await machine.shell(
                        "sqlite3 -readonly \(Machine.database) \"SELECT name FROM sqlite_master WHERE name = 'next_version'\""
                    ) == "next_version\n")

                // The version before does not touch what it does not know, and says so.
                let packages = Machine.packages
                try await machine.shell(
                    "apt-get install -y --allow-downgrades \(packages)/*.deb 2>&1 || true", within: .seconds(120))
                #expect(try await machine.property("ActiveState") == "failed")
                // A process that has ended already may stand in the journal without its unit.
                _ = try await eventually("the reason in the journal") {
                    try await machine.journal().contains("the database was written by a newer version") ? () : nil
                }
                try await machine.shell(
                    "apt-get install -y \(Machine.nextPackages)/*.deb; systemctl start ig-shop-auth",
                    within: .seconds(120))
                try await machine.ready()

                try await machine.shell("apt-get remove -y ig-shop-auth", within: .seconds(120))
                #expect(try await machine.shell("pgrep -x ig-shop-auth || true") == "")
                #expect(!FileManager.default.fileExists(atPath: machine.path("/run/ig-shop-auth/ig-shop-auth.sock")))
                #expect(try machine.kept.users().count == 1, "the data is still there")
                // Installed again it is as before, and says that nothing runs; a policy against starts keeps no stop away.
                let again = try await machine.shell(
                    "apt-get install -y \(Machine.nextPackages)/*.deb", within: .seconds(120))
                #expect(again.contains("Nothing is started."))
                // Somebody's backups are on a disk of their own.
                try await machine.shell(
                    """
                    systemctl start ig-shop-auth
                    printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
                    mount -t tmpfs none /var/backups/ig-shop-auth; touch /var/backups/ig-shop-auth/x
                    """)
                let purged = try await machine.shell("apt-get purge -y ig-shop-auth 2>&1", within: .seconds(120))
                #expect(try await machine.shell("pgrep -x ig-shop-auth || true") == "")
                try await machine.shell(
                    """
                    umount /var/backups/ig-shop-auth; rmdir /var/backups/ig-shop-auth; rm /usr/sbin/policy-rc.d
                    rm /etc/nginx/sites-enabled/ig-shop-auth.conf; nginx -t
                    """)
                #expect(
                    purged.contains("/etc/nginx/sites-enabled/ig-shop-auth.conf includes snippets of ig-shop-auth"))
                #expect(purged.contains("Removing the keys, the database with its tokens and the backups"))
                let left = try await self.names(machine).subtracting(before)
                // The operator's own copy of the example site, and nothing of ours.
                #expect(left == ["/etc/nginx/sites-available/ig-shop-auth.conf"], "\(left.sorted())")
                #expect(try await machine.shell("getent passwd ig-shop-auth") != "")
                try await machine.shell("nginx -t")
                let journal = try await machine.shell(
                    "journalctl --sync; journalctl --no-pager -u ig-shop-auth | wc -l")
                #expect(Int(journal.trimmingCharacters(in: .whitespacesAndNewlines))! > 5)
            }
        }

        /// Files of the machine that have our name, or hold it below a directory of ours.
        private func names(_ machine: Machine) async throws -> Set<String> {
            let said = try await machine.shell(
                "find /etc /usr /var /run /root /srv -xdev \\( -name '*ig-shop-auth*' -o -path '*/ig-shop-auth*/*' \\) -not -path '\(Programs.repository)/*' 2>/dev/null || true"
            )
            return Set(said.split(separator: "\n").map(String.init))
        }
    }
}
