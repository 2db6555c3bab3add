// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

@testable import ig_shop_auth

@Suite struct NotifierTests {
    @Test("Each piece of news is a datagram, at a path and in the abstract namespace")
    func news() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/n"
        let name = "ig-shop-auth-\(UUID().uuidString)"
        for (ear, given) in [(SystemdEar(path), path), (SystemdEar("\0" + name), "@" + name)] {
            let notifier = Notifier(path: given)
            for news in [Notifier.News.status("serving; 3 agents"), .ready, .watchdog, .stopping] {
                #expect(notifier.tell(news))
            }
            #expect(ear.heard() == ["STATUS=serving; 3 agents", "READY=1", "WATCHDOG=1", "STOPPING=1"])
        }
    }

    @Test("A status stays one assignment")
    func lines() throws {
        let directory = try TemporaryDirectory()
        let ear = SystemdEar(directory.path + "/n")
        Notifier(path: directory.path + "/n").tell(.status("a\nREADY=1\r\n\nb"))
        #expect(ear.heard() == ["STATUS=a READY=1 b"])
    }

    @Test("Nobody who listens, no name, or none that can be: nothing happens, and no descriptor is open for it")
    func nobody() throws {
        let directory = try TemporaryDirectory()
        let long = "/" + String(repeating: "x", count: 107)
        for path in [nil, "", "/", "@", "vsock:2:1", "relative", long] {
            #expect(Notifier(path: path).tell(.ready), "there is nobody to tell")
        }
        let gone = Notifier(path: directory.path + "/gone")
        #expect(!gone.tell(.ready))
        let ear = SystemdEar(directory.path + "/gone")
        #expect(gone.tell(.ready) && ear.heard() == ["READY=1"], "it is there now, as after a `daemon-reexec`")
    }

    @Test("A listener who does not read is not waited for")
    func full() throws {
        let directory = try TemporaryDirectory()
        let ear = SystemdEar(directory.path + "/n")
        let notifier = Notifier(path: directory.path + "/n")
        var told = 0
        while told < 100_000, notifier.tell(.watchdog) { told += 1 }
        #expect(told > 0 && told < 100_000, "it is full, and this thread is still here")
        #expect(ear.heard().count == told)
        #expect(notifier.tell(.watchdog))
    }

    @Test("A program that is started from here does not get the descriptor")
    func closeOnExec() throws {
        let directory = try TemporaryDirectory()
        _ = SystemdEar(directory.path + "/n")
        func sockets() -> Set<Int32> {
            Set(
                (Int32(3)..<256).filter { number in
                    var status = stat()
                    return fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
                        && fcntl(number, F_GETFD) & FD_CLOEXEC == 0
                })
        }
        let before = sockets()
        let notifier = Notifier(path: directory.path + "/n")
        #expect(sockets().subtracting(before).isEmpty)
        withExtendedLifetime(notifier) {}
    }
}
