// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import ig_shop_auth

/// The rounds, with parts that a test holds.
@Suite(.timeLimit(.minutes(1))) struct SupervisionServiceTests {
    /// A part that takes its turn when it is told to, and counts how often it was asked.
    private final class Held: Sendable {
        private struct State {
            var isHeld = false
            var asked = 0
            var waiting: [@Sendable () -> Void] = []
        }

        private let state = Mutex(State())
        var asked: Int { state.withLock { $0.asked } }

        func part(_ name: String) -> Part {
            Part(name) { [self] taken in
                let isHeld = state.withLock { state in
                    state.asked += 1
                    if state.isHeld { state.waiting.append(taken) }
                    return state.isHeld
                }
                if !isHeld { taken() }
            }
        }

        func hold() { state.withLock { $0.isHeld = true } }

        func release() {
            let waiting = state.withLock { state in
                state.isHeld = false
                defer { state.waiting = [] }
                return state.waiting
            }
            for taken in waiting { taken() }
        }
    }

    private final class Scene: Sendable {
        let log = Lines()
        let failure = Mutex<StoreFailure?>(nil)
        let one = Held()
        let two = Held()
        let directory: String
        let ear: Mutex<SystemdEar>
        private let heard = Mutex<[String]>([])

        init(_ directory: String) {
            self.directory = directory
            ear = Mutex(SystemdEar(directory + "/notify"))
        }

        var said: [String] {
            let new = ear.withLock { $0.heard() }
            return heard.withLock { heard in
                heard += new
                return heard
            }
        }

        func service(watchdog: Duration = .milliseconds(400), socketPath: String? = nil) -> SupervisionService {
            let notifier = Notifier(path: directory + "/notify")
            let status = StatusLine(notifier) { "keys a" }
            let logger = log.logger
            return SupervisionService(
                parts: [one.part("one"), two.part("two")],
                storage: StorageWatch(
                    status: status, log: logger, pause: .milliseconds(20),
                    failure: { [self] in failure.withLock { $0 } },
                    check: { [self] in if let failure = failure.withLock({ $0 }) { throw failure } }),
                status: status, notifier: notifier, rounds: Rounds(Watchdog(time: watchdog)), socketPath: socketPath,
                log: logger)
        }

        func until(_ what: String, _ isTrue: ([String]) -> Bool) async throws {
            while !isTrue(said) { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private func run(_ service: SupervisionService, _ body: (ServiceGroup) async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, failureTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        try await body(group)
        await group.triggerGracefulShutdown()
        try await running.value
    }

    @Test("Ready only when every part has come round; fed only while all do; the one that does not is named")
    func rounds() async throws {
        let directory = try TemporaryDirectory()
        let scene = Scene(directory.path)
        scene.two.hold()
        try await run(scene.service()) { _ in
            try await scene.until("the status") { $0.contains("STATUS=no progress: two; keys a") }
            #expect(!scene.said.contains("READY=1") && !scene.said.contains("WATCHDOG=1"))
            #expect(
                scene.log.lines.contains { $0.contains("no progress") && $0.contains("two") && !$0.contains("one") })
            scene.two.release()
            try await scene.until("three rounds") { $0.count { $0 == "WATCHDOG=1" } >= 3 }
            #expect(scene.said.count { $0 == "READY=1" } == 1)

            scene.one.hold()
            let asked = scene.one.asked
            try await scene.until("the status") { $0.last == "STATUS=no progress: one; keys a" }
            let fed = scene.said.count { $0 == "WATCHDOG=1" }
            try await Task.sleep(for: .milliseconds(500))
            #expect(scene.said.count { $0 == "WATCHDOG=1" } == fed, "longer than systemd waits")
            #expect(scene.one.asked <= asked + 1, "a part that hangs gathers no questions")
            scene.one.release()
            try await scene.until("the next round") { $0.count { $0 == "WATCHDOG=1" } > fed }
            #expect(scene.said.last { $0.hasPrefix("STATUS=") } == "STATUS=serving; keys a")
        }
        #expect(scene.said.last == "STOPPING=1")
    }

    @Test("A stop is not held up by a part that hangs")
    func stopping() async throws {
        let directory = try TemporaryDirectory()
        let scene = Scene(directory.path)
        scene.one.hold()
        try await run(scene.service(watchdog: .seconds(600))) { _ in
            while scene.one.asked == 0 { await Task.yield() }
        }
        #expect(scene.said == ["STOPPING=1"])
        scene.one.release()
    }

    @Test("Storage that fails is told once, keeps nobody from being ready, and is told when it works again")
    func storage() async throws {
        let directory = try TemporaryDirectory()
        let scene = Scene(directory.path)
        scene.failure.withLock { $0 = .sqlite(13) }
        try await run(scene.service()) { _ in
            try await scene.until("rounds") { $0.count { $0 == "WATCHDOG=1" } >= 2 }
            let trouble = "STATUS=storage_unavailable: \(StoreFailure.sqlite(13)); keys a"
            #expect(scene.said.prefix(2) == [trouble, "READY=1"])
            #expect(scene.log.lines.count { $0.contains("self-check") } == 1)
            scene.failure.withLock { $0 = nil }
            try await scene.until("the status") { $0.last { $0.hasPrefix("STATUS=") } == "STATUS=serving; keys a" }
            #expect(scene.log.lines.contains { $0.contains("storage works again") })

            // Later, by somebody else's commit.
            scene.failure.withLock { $0 = .sqlite(5) }
            try await scene.until("the status") {
                $0.contains("STATUS=storage_unavailable: \(StoreFailure.sqlite(5)); keys a")
            }
        }
    }

    @Test("A part that hangs stays in the status, before storage that fails and when that works again")
    func hungAndFull() async throws {
        let directory = try TemporaryDirectory()
        let scene = Scene(directory.path)
        try await run(scene.service()) { _ in
            try await scene.until("a round") { $0.contains("WATCHDOG=1") }
            scene.one.hold()
            try await scene.until("the status") { $0.last == "STATUS=no progress: one; keys a" }
            scene.failure.withLock { $0 = .sqlite(13) }
            let both = "STATUS=no progress: one; storage_unavailable: \(StoreFailure.sqlite(13)); keys a"
            try await scene.until("both") { $0.last == both }
            scene.failure.withLock { $0 = nil }
            try await scene.until("the one that is left") { $0.last != both }
            #expect(scene.said.last == "STATUS=no progress: one; keys a")
            scene.one.release()
            try await scene.until("none") { $0.last { $0.hasPrefix("STATUS=") } == "STATUS=serving; keys a" }
        }
    }

    private final class Number: Sendable {
        let value = Mutex(0)
    }

    @Test("What is in force is told as it is when it is told, by whoever is the last to ask")
    func lastWord() async throws {
        let directory = try TemporaryDirectory()
        let ear = SystemdEar(directory.path + "/notify")
        let number = Number()
        let status = StatusLine(Notifier(path: directory.path + "/notify")) {
            let seen = number.value.withLock { $0 }
            // Time for another one to be told meanwhile.
            usleep(1_000)
            return "\(seen)"
        }
        for _ in 0..<20 {
            await withTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        number.value.withLock { $0 += 1 }
                        status.refresh()
                    }
                }
            }
            let last = number.value.withLock { $0 }
            #expect(ear.heard().last == "STATUS=serving; \(last)")
        }
    }

    @Test("The socket's path gone ends the service with that reason")
    func socket() async throws {
        let directory = try TemporaryDirectory()
        let scene = Scene(directory.path)
        await #expect(throws: SocketGone.self) {
            try await run(scene.service(socketPath: directory.path + "/gone")) { _ in
                try await scene.until("the end") { $0.last == "STOPPING=1" }
            }
        }
        #expect(scene.said.contains("READY=1"))
        #expect(scene.log.lines.contains { $0.contains("socket gone") && $0.contains(directory.path + "/gone") })
    }
}

/// The lines that were logged.
private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }
}
