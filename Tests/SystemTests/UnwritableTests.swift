// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Files that can be read and not be written to.
@Suite(.serialized)
struct UnwritableTests {
    /// A limit of zero bytes (RLIMIT_FSIZE) refuses every write to every file, and needs no right. The signal that
    /// comes with it is ignored, or it would end the process.
    @Test("No file takes a byte: 503, starts and reads go on; allowed again, it works without a restart")
    func limited() async throws {
        try await Stage.run(Stage.Options(wrapper: ["env", "--ignore-signal=XFSZ"])) { stage in
            let pid = "\(try #require(stage.responder).pid)"
            try await refusing(
                on: stage,
                forbid: { try await Command.succeed("prlimit", ["--pid", pid, "--fsize=0:"]) },
                allow: { try await Command.succeed("prlimit", ["--pid", pid, "--fsize=unlimited:"]) })
        }
    }

    /// What a file system does that turns read-only under a running process; remounting a busy one is refused.
    @Test(
        "Files that became immutable: 503, starts and reads go on; mutable again, it works without a restart",
        .enabled(if: canForbid, "needs root, and a file system that knows immutable files"))
    func immutable() async throws {
        try await Stage.run { stage in
            let files = [stage.database, stage.database + "-wal"]
            try await refusing(
                on: stage, forbid: { try await Command.succeed("chattr", ["+i"] + files) },
                allow: { try await Command.succeed("chattr", ["-i"] + files) })
        }
    }

    @Test(
        "Read-only from the start: the program ends with one line and 69",
        .enabled(if: Stage.canMount, "needs the right to mount a tmpfs"))
    func fromTheStart() async throws {
        try await Stage.run(Stage.Options(databaseKiB: 1_024)) { stage in
            _ = await stage.responder?.stop()
            try await Command.succeed("mount", ["-o", "remount,ro", stage.databaseDirectory])
            let end = try await Command.run(Programs.shopAuth, ["serve"], environment: stage.environment)
            #expect(end.end == .exit(69))
            #expect(end.lines.count == 1)
            #expect(end.error.contains("IG_SHOP_AUTH_DATABASE"))
        }
    }

    private func refusing(
        on stage: Stage, forbid: () async throws -> Void, allow: () async throws -> Void
    ) async throws {
        let browser = Browser()
        _ = try await stage.connect(browser)
        let callback = try await stage.consented(browser, account: "bloom.ceramics")
        try await forbid()
        let answer = try? await browser.fetch(callback.request)
        let readyz = try? await HTTPClient.shared.send(.get, stage.readyz)
        let start = try? await Browser().fetch(stage.start)
        let status = try? await browser.fetch(stage.status)
        // Whatever was seen: an immutable file could not be removed.
        try await allow()
        #expect(answer?.status == 503)
        #expect(answer?.error?.error == "storage_unavailable")
        #expect(readyz?.status == 503)
        #expect(readyz?.error?.error == "storage_unavailable")
        #expect(start?.status == 200)
        #expect(try status?.decoded(Account.self).instagramUsername == "acme_shop")
        #expect(try await stage.standIn.calls().exchanges == 1, "the second code is not spent")

        #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 200)
        #expect(try await browser.fetch(callback.request).status == 200)
        #expect(try stage.kept.integrity() == "ok")
    }

    private static let canForbid: Bool = {
        let path = NSTemporaryDirectory() + "ig-immutable-\(UUID().uuidString)"
        guard FileManager.default.createFile(atPath: path, contents: nil) else { return false }
        defer { try? FileManager.default.removeItem(atPath: path) }
        func chattr(_ change: String) -> Bool {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/chattr")
            process.arguments = [change, path]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return false }
            process.waitUntilExit()
            return process.terminationStatus == 0
        }
        return chattr("+i") && chattr("-i")
    }()
}
