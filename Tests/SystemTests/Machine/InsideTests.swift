// SPDX-License-Identifier: MIT
import Foundation
import Testing

extension MachineTests {
    /// What somebody could do who has taken the program over: another program in its place, under the very unit.
    @Suite(.serialized, .machine)
    struct InsideTests {
        private let machine = Machine.current!

        @Test(
            "From inside: nothing is written elsewhere, no home is read, no other socket is opened, nothing is executed"
        )
        func inside() async throws {
            let probe = "\(machine.directory)/probe"
            let source = Programs.repository + "/Tests/SystemTests/Machine/probe.c"
            try await Command.succeed("cc", ["-o", probe, source])
            try FileManager.default.copyItem(atPath: probe, toPath: machine.path("/srv/probe"))
            try await machine.shell(
                """
                mkdir -p /home/owner; echo private >/home/owner/letter; chmod -R a+rX /home; echo private >/root/letter
                chmod 644 /home/owner/letter
                mv /usr/bin/ig-shop-auth /srv/program; mv /srv/probe /usr/bin/ig-shop-auth
                systemctl restart ig-shop-auth || true
                until journalctl --sync && journalctl --unit=ig-shop-auth --output=cat | grep -q 'probe end'; do sleep 0.05; done
                systemctl stop ig-shop-auth.socket ig-shop-auth.service
                mv /srv/program /usr/bin/ig-shop-auth
                systemctl start ig-shop-auth
                """)
            try await machine.ready()
            let said = try await machine.journal("ig-shop-auth")
            let lines = said.components(separatedBy: "probe end")[0].split(separator: "\n").compactMap {
                $0.split(separator: " ", maxSplits: 1).first == "probe" ? String($0.dropFirst(6)) : nil
            }
            #expect(lines.count >= 40, "\(said)")
            let open = Set(lines.filter { $0.hasSuffix(": open") }.map { String($0.dropLast(6)) })
            // Its own database, a /tmp of its own, its keys, the internet; systemd hears of SIGSTOP and such from nobody else.
            // SocketBindDeny= needs BPF in the control group, which not every kernel lets a container have.
            let bound = open.contains("bind inet")
            print("SocketBindDeny= is \(bound ? "not in force in this container, so not shown" : "in force")")
            #expect(
                open.subtracting(["bind inet"]) == [
                    "write /var/lib/ig-shop-auth/probe", "write /tmp/probe", "read /etc/ig-shop-auth/keys",
                    "socket inet",
                ], "\(open.sorted())")
            for program in ["/bin/sh", "/usr/bin/python3", "/usr/bin/env"] {
                #expect(lines.contains("exec \(program): Permission denied"))
            }
            for family in ["netlink", "packet", "vsock", "bluetooth", "alg", "raw"] {
                #expect(lines.contains { $0.hasPrefix("socket \(family): ") })
            }
            #expect(
                lines.contains {
                    $0.hasPrefix("core limit: ") && $0.split(separator: " ").filter { $0 == "0" }.count == 2
                })
            #expect(!FileManager.default.fileExists(atPath: machine.path("/tmp/probe")), "the /tmp was its own")
            try await machine.shell("rm /var/lib/ig-shop-auth/probe")
        }

        @Test("systemd's own measure of the exposure is at most 1.1")
        func exposure() async throws {
            let said = try await machine.shell("systemd-analyze security --no-pager ig-shop-auth.service | tail -n 1")
            let number = try #require(said.split(separator: " ").compactMap { Double($0) }.first)
            #expect(number <= 1.1)
        }

        @Test(
            "Through a forwarder of TCP, whatever X-Forwarded-For says, the private routes do not exist (checklist 50)",
            arguments: ["127.0.0.1", "::1", "10.0.0.1, 127.0.0.1", "unix:"])
        func forwarder(_ invented: String) async throws {
            // A tunnel to the site ends on this machine: everybody is 127.0.0.1 behind it.
            try await machine.shell(
                """
                systemctl is-active --quiet forwarder.socket || {
                    systemd-run --quiet --unit=forwarder --socket-property=ListenStream=127.0.0.1:8443 \
                        /lib/systemd/systemd-socket-proxyd 127.0.0.1:443
                }
                """)
            let headers = [
                ("X-Forwarded-For", invented), ("X-Real-IP", invented), ("Forwarded", "for=\"\(invented)\""),
                ("X-Forwarded-Host", "127.0.0.1:9180"), ("X-Forwarded-Port", "9180"), ("IG-Surface", "private"),
                ("IG_SURFACE", "private"), ("Authorization", "Bearer igsa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            ].map { (name: $0.0, value: $0.1) }
            for path in [
                "/agent/v1/users", "/agent/v1/events", "/metrics", "/readyz", "/healthz",
                "/auth/instagram/../../metrics",
            ] {
                let answer = try await HTTPClient.shared.send(
                    .get, "https://shop.example.com:8443\(path)", headers: headers)
                #expect(answer.status == 404, "\(path)")
            }
            let start = try await HTTPClient.shared.send(
                .get, "https://shop.example.com:8443/auth/instagram", headers: headers)
            #expect(start.status == 200, "the public ones do")
        }
    }
}
