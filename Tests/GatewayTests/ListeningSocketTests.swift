// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1))) struct ListeningSocketTests {
    private let folder = TemporaryFolder()

    private func status(_ path: String) throws -> stat {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return status
    }

    private func failure(_ path: String) -> ListeningSocket.Failure? {
        do throws(ListeningSocket.Failure) {
            close(try ListeningSocket.bound(to: path).descriptor)
            return nil
        } catch {
            return error
        }
    }

    @Test func itIsForOwnerAndGroupAndTheGroupIsTheFolders() throws {
        let group: gid_t = getuid() == 0 ? 12_345 : getgid()
        try #require(chown(folder.path, uid_t.max, group) == 0)
        let socket = try ListeningSocket.bound(to: folder.path("s"))
        defer { close(socket.descriptor) }
        let status = try status(folder.path("s"))
        #expect(status.st_mode & 0o7777 == 0o660)
        #expect(status.st_gid == group)
        #expect(socket.ownPath == folder.path("s"))
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func oneThatADeadProcessLeftIsReplaced() throws {
        for _ in 1...3 {
            #expect(failure(folder.path("s")) == nil)
        }
    }

    @Test func oneThatAnswersIsLeftAlone() throws {
        let socket = try ListeningSocket.bound(to: folder.path("s"))
        defer { close(socket.descriptor) }
        #expect(failure(folder.path("s")) == .live(folder.path("s")))
        _ = try Peer(folder.path("s"))
    }

    /// connect() on a full backlog waits, and nobody is there to accept.
    @Test func oneThatIsTooBusyToAnswerIsLeftAlone() throws {
        let socket = try ListeningSocket.bound(to: folder.path("s"))
        defer { close(socket.descriptor) }
        listen(socket.descriptor, 0)
        let waiting = try Peer(folder.path("s"))
        #expect(failure(folder.path("s")) == .live(folder.path("s")))
        withExtendedLifetime(waiting) {}
    }

    @Test(arguments: ["file", "folder"])
    func whatIsNoSocketIsLeftAlone(kind: String) throws {
        let path = folder.path("s")
        if kind == "file" {
            close(open(path, O_CREAT | O_WRONLY, 0o600))
        } else {
            mkdir(path, 0o700)
        }
        let before = try status(path)
        #expect(failure(path) == .system("bind \(path)", errno: EADDRINUSE))
        let after = try status(path)
        #expect(after.st_ino == before.st_ino && after.st_mode == before.st_mode && after.st_gid == before.st_gid)
        if kind == "folder" { rmdir(path) }
    }

    @Test func aPathMayHave107BytesAndNoMore() {
        let longest = folder.path(String(repeating: "a", count: 107 - folder.path.utf8.count - 1))
        #expect(failure(longest) == nil)
        let tooLong = longest + "a"
        #expect(failure(tooLong) == .pathTooLong(tooLong))
        #expect("\(ListeningSocket.Failure.pathTooLong("/x"))".contains("107"))
    }

    @Test func aPathIsCountedInBytes() {
        let path = "/tmp/" + String(repeating: "é", count: 60)
        #expect(failure(path) == .pathTooLong(path))
    }

    @Test func aFolderThatIsNotThereIsReported() {
        let path = folder.path("none/s")
        #expect(failure(path) == .system("bind \(path)", errno: ENOENT))
    }

    @Test(arguments: ["", "\0hidden"])
    func aPathThatIsNoneIsRefused(path: String) {
        #expect(failure(path) != nil)
    }
}
