// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Transfer

extension TransferTests {
    @Suite struct Life {
        static let silent: HostileServer.Script = { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }

        @Test("Silence ends at the total deadline (checklist 47)")
        func silenceEndsAtTheDeadline() async throws {
            let server = try HostileServer(Self.silent)
            let time = try await ContinuousClock().measure {
                let failure = try await withTransfer(limits(total: .milliseconds(200))) {
                    await $0.failure(get(server.url))
                }
                #expect(failure == .deadline(.total))
            }
            #expect(time >= .milliseconds(190) && time < .seconds(2))
        }

        @Test("A drip of bytes does not stretch the deadline (checklist 47)")
        func aDripDoesNotStretchTheDeadline() async throws {
            let server = try HostileServer { connection in
                _ = connection.readRequest()
                connection.send("HTTP/1.1 200 OK\r\nX: ")
                while connection.send("x") { usleepBriefly() }
            }
            let failure = try await withTransfer(limits(total: .milliseconds(200))) {
                await $0.failure(get(server.url))
            }
            #expect(failure == .deadline(.total))
        }

        @Test("A TLS handshake that nobody answers ends at the connect deadline (checklist 47)")
        func aSilentHandshakeEndsAtTheConnectDeadline() async throws {
            let server = try HostileServer { $0.waitForClose() }
            let failure = try await withTransfer(limits(connect: .milliseconds(200))) {
                await $0.failure(get("https://127.0.0.1:\(server.port)/"))
            }
            #expect(failure == .deadline(.connect))
        }

        @Test func waitingForAFreeConnectionCountsAgainstTheDeadline() async throws {
            let server = try HostileServer(Self.silent)
            let failures = try await withTransfer(limits(total: .milliseconds(300), connections: 1)) { transfer in
                async let first = transfer.failure(get(server.url))
                async let second = transfer.failure(get(server.url))
                return await [first, second]
            }
            // The one with the connection had sent its request. The other had not, unless it got that connection in the
            // millisecond between the two deadlines.
            #expect(failures.contains(.deadline(.total)))
            #expect(failures.allSatisfy { [.deadline(.connect), .deadline(.total)].contains($0) })
        }

        @Test func cancellationResumesAndClosesTheConnection() async throws {
            let server = try HostileServer(Self.silent)
            try await withTransfer { transfer in
                let call = Task { await transfer.failure(get(server.url)) }
                for await _ in server.arrivals { break }
                call.cancel()
                #expect(await call.value == .stopped)
                for await _ in server.departures { break }
            }
        }

        @Test func aCancelledTaskSendsNothing() async throws {
            let server = try HostileServer(Self.silent)
            try await withTransfer { transfer in
                let call = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return await transfer.failure(get(server.url))
                }
                #expect(await call.value == .stopped)
            }
            #expect(server.connections == 0)
        }

        @Test func aCallBeforeRunWaitsForIt() async throws {
            let server = try HostileServer(answering(answer("ok")))
            let transfer = Transfer(limits: limits())
            async let reply = transfer.send(get(server.url))
            await Task.yield()
            async let running: Void = transfer.run()
            #expect(try await reply.status == 200)
            transfer.stop()
            try await running
        }

        @Test func aCallBeforeRunCanBeCancelled() async throws {
            let transfer = Transfer(limits: limits())
            let call = Task { await transfer.failure(get("http://127.0.0.1:1/")) }
            await Task.yield()
            call.cancel()
            #expect(await call.value == .stopped)
        }

        @Test func stoppingFailsWhatIsInFlightAndEndsTheThread() async throws {
            let server = try HostileServer(Self.silent)
            let transfer = Transfer(limits: limits(connections: 4))
            async let running: Void = transfer.run()
            let failures = await withTaskGroup { group in
                for _ in 1...20 { group.addTask { await transfer.failure(get(server.url)) } }
                for await _ in server.arrivals.prefix(4) {}
                transfer.stop()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(failures == Array(repeating: .stopped, count: 20))
            try await running
            #expect(await transfer.failure(get(server.url)) == .stopped)
            #expect(server.connections == 4)
        }

        @Test func stoppingBeforeRunEndsItAtOnce() async throws {
            let transfer = Transfer(limits: limits())
            transfer.stop()
            try await transfer.run()
            #expect(await transfer.failure(get("http://127.0.0.1:1/")) == .stopped)
        }

        @Test func cancellingRunStops() async throws {
            let server = try HostileServer(Self.silent)
            let transfer = Transfer(limits: limits())
            let running = Task { try await transfer.run() }
            async let failed = transfer.failure(get(server.url))
            for await _ in server.arrivals { break }
            running.cancel()
            #expect(await failed == .stopped)
            try await running.value
        }
    }
}
