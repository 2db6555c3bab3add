// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport
import Testing
import Transfer

extension TransferTests {
    /// Proxies and a key log in the environment, all of them traps. In a process of its own: the environment belongs to
    /// a whole process, and libcurl looks at it when it starts.
    @Suite struct Environment {
        @Test("No proxy and no key log comes from the environment (checklist 46)")
        func nothingComesFromTheEnvironment() async {
            await #expect(processExitsWith: .success) {
                let trap = try HostileServer({ $0.waitForClose() })
                for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                    setenv(name, "http://127.0.0.1:\(trap.port)", 1)
                }
                let keyLog = NSTemporaryDirectory() + "transfer-tests-keys-\(getpid())"
                setenv("SSLKEYLOGFILE", keyLog, 1)

                let plain = try HostileServer({ $0.send("no TLS") }, answering(answer("direct")))
                let secret = try OpenSSLServer()
                defer { secret.stop() }
                let reply = try await withTransfer { transfer in
                    let noTLS = await transfer.failure(get("https://127.0.0.1:\(plain.port)/"))
                    #expect(noTLS == .untrusted(code: 35))
                    let selfSigned = await transfer.failure(get("https://127.0.0.1:\(secret.port)/"))
                    #expect(selfSigned == .untrusted(code: 60))
                    return try await transfer.send(get(plain.url))
                }
                #expect(reply.body == Array("direct".utf8))
                #expect(trap.connections == 0)
                // The session keys of that handshake went nowhere, and the variable is gone for OpenSSL too.
                #expect(!FileManager.default.fileExists(atPath: keyLog))
                #expect(getenv("SSLKEYLOGFILE") == nil)
            }
        }
    }
}
