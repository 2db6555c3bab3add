// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// The lines of README.md's "Without systemd", as they stand there, with a stand-in for Docker.
@Suite(.enabled(if: ContainerHost.isPossible, "containers need root, mount namespaces and overlayfs"))
struct ContainersTests {
    @Test("Two containers serve by the shared socket, back up, reload, come back after a crash and stop in order")
    func documented() async throws {
        try await ContainerHost.use { host in
            try await host.start()
            let (program, nginx) = (ContainerHost.program, ContainerHost.nginx)
            let url = "https://shop.example.com/auth/instagram"
            _ = try await eventually("the first answer") {
                try? await host.ask("\(url)/status").status == 200 ? true : nil
            }
            let started = try await host.ask(url)
            #expect(
                started.text.contains(#""auth_url":"https://www.instagram.com/oauth/authorize?client_id=1234567890"#))
            #expect(try await host.ask("https://www.shop.example.com/auth/instagram").status == 301)
            #expect(try await host.ask("http://127.0.0.1:9180/readyz").status == 200)

            // Neither sees what is the other's, and only the socket is both's.
            #expect(try host.user(program) == 918)
            #expect(try host.groups(program) == [33, 918])
            let capabilities = try host.capabilities(program)
            #expect(Set(capabilities) == ["0000000000000000"])
            for kind in ["mnt", "pid", "net"] {
                let (one, other) = (try host.namespace(kind, of: program), try host.namespace(kind, of: nginx))
                #expect(one != other)
            }
            let socket = "/run/ig-shop-auth/ig-shop-auth.sock"
            for name in [program, nginx] {
                #expect(try await host.run("docker exec \(name) stat -c '%a %u %g' \(socket)").output == "660 918 33\n")
            }
            #expect(try await host.end("docker exec \(nginx) ls /run/secrets") != .exit(0))
            #expect(try await host.end("docker exec \(program) ls /etc/letsencrypt/live") != .exit(0))

            for line in host.section.blocks("crontab")[0].split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 5)
                #expect(words.count == 6 && words[2...4] == ["*", "*", "*"])
                try await host.run(String(words[5]))
            }
            let backups = "docker exec \(program) find /var/backups/ig-shop-auth -type f -printf '%m %u '"
            #expect(try await host.run(backups).output == "600 ig-shop-auth ")

            // Nothing of the layout is a fault, whether the package has made its directory or not.
            let check = "docker exec \(program) ig-shop-auth check"
            let sound = try await host.run(check).output
            #expect(sound.contains("ok     installation: ") && !sound.contains("fault"), "\(sound)")
            let folder = "/proc/\(try host.pid(program))/root/etc/ig-shop-auth"
            #expect(FileManager.default.fileExists(atPath: folder))
            try FileManager.default.removeItem(atPath: folder)
            #expect(try await host.end(check) == .exit(0))

            // An agent's line is in force after the line that says so.
            let agent = try await host.run("docker exec \(program) ig-shop-auth agent-key shop --users '*'").output
            let key = try #require(agent.firstMatch(of: /igsa_[A-Za-z0-9_-]+/)).output
            let line = try #require(agent.firstMatch(of: /(?m)^ *(shop [0-9a-f]{64} \*)$/)).1
            let token = "http://127.0.0.1:9180/agent/v1/users/nobody/token"
            let bearer = "Authorization: Bearer \(key)"
            #expect(try await host.ask(token, bearer).status == 401)
            try host.write("secrets/agents", "\(line)\n", owner: 918)
            let handling = host.section.blocks("bash")[1].split(separator: "\n").map(String.init)
            #expect(handling.count == 3)
            try await host.run(handling[0])
            _ = try await eventually("the agent") { try? await host.ask(token, bearer).status == 404 ? true : nil }
            try await host.run(handling[1])

            kill(try host.pid(program), SIGKILL)
            _ = try await eventually("the program after a crash") {
                host.ends(program).count == 1 && host.isRunning(program) ? true : nil
            }
            _ = try await eventually("an answer") { try? await host.ask("\(url)/status").status == 200 ? true : nil }

            try await host.run(handling[2])
            #expect(host.ends(program).map { $0 == "0" } == [false, true])
            #expect(host.log(program).contains(#""event":"stopped""#))
            #expect(try await host.ask("\(url)/status").status == 502)
            #expect(!host.isRunning(program), "unless-stopped")
            try await host.run("docker stop \(nginx)")
            #expect(host.ends(nginx) == ["0"])
            #expect(host.log(nginx).contains("\"/auth/instagram/status\" 200"))
        }
    }

    @Test("What the documented lines do not use, the stand-in refuses")
    func strict() async throws {
        try await ContainerHost.use { host in
            for line in [
                "run --privileged ig-shop-auth true", "run --cap-drop NET_RAW ig-shop-auth true", "ps",
                "exec none true",
            ] {
                let end = try await host.end("docker \(line)")
                #expect(end == .exit(125), "\(line)")
            }
        }
    }
}
