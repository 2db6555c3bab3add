// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import Testing

extension LiveGateway {
    /// The listening socket is systemd's as well.
    @Suite(.timeLimit(.minutes(1))) struct SharedSocket {
        @Test func whoMakesItBlockDoesNotStopTheGateway() async throws {
            let folder = TemporaryFolder()
            let path = folder.path("gateway")
            let socket = try ListeningSocket.bound(to: path)
            defer { close(socket.descriptor) }
            try await withGateway(on: socket, path: path) { running in
                for _ in 0..<20 {
                    let flags = fcntl(socket.descriptor, F_GETFL)
                    try #require(fcntl(socket.descriptor, F_SETFL, flags & ~O_NONBLOCK) == 0)
                    let silent = try running.connect()
                    // One at least of these comes after the connection was accepted.
                    for _ in 0..<3 {
                        await withCheckedContinuation { taken in running.gateway.turn { taken.resume() } }
                    }
                    silent.send(RequestStream().bytes)
                    #expect(try silent.answer() != nil)
                    #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
                }
            }
            withExtendedLifetime(folder) {}
        }
    }
}
