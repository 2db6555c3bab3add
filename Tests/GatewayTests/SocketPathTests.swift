// SPDX-License-Identifier: MIT
import Glibc
import Testing

@testable import Gateway

/// Where others find a socket.
@Suite struct SocketPathTests {
    @Test("The path of a socket is what it was bound to, and gone when nothing or something else is there")
    func path() throws {
        let folder = TemporaryFolder()
        let path = folder.path("socket")
        let socket = try ListeningSocket.bound(to: path)
        defer { close(socket.descriptor) }
        #expect(ListeningSocket(descriptor: socket.descriptor, ownPath: nil).path == path)
        #expect(!ListeningSocket.isGone(path))
        unlink(path)
        #expect(ListeningSocket.isGone(path))
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        #expect(ListeningSocket.isGone(path), "a file is no socket")
        #expect(ListeningSocket.isGone(path + "/socket"), "nor is a directory there any more")
        let tooLong = "/" + String(repeating: "x", count: 300)
        #expect(!ListeningSocket.isGone(tooLong), "what cannot be looked at is believed to be there")
    }

    @Test func aSocketWithoutAPathHasNone() throws {
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(socket) }
        #expect(ListeningSocket(descriptor: socket, ownPath: nil).path == nil)
        #expect(ListeningSocket(descriptor: -1, ownPath: nil).path == nil)
    }
}
