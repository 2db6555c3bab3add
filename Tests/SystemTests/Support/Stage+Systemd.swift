// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// What systemd is to a service: somebody who is told, and a directory.
final class Systemd: Sendable {
    let notify: NotifySocket
    let runtime: String
    private let directory: String

    init() throws {
        var template = Array("/tmp/ig-systemd.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, directory)
        runtime = directory + "/service"
        try FileManager.default.createDirectory(atPath: runtime, withIntermediateDirectories: false)
        notify = try NotifySocket(directory + "/notify")
    }

    deinit {
        notify.end()
        try? FileManager.default.removeItem(atPath: directory)
        Janitor.shared.forget(.directory, directory)
    }

    /// - Parameter watchdog: Seconds, `WatchdogSec=`.
    func options(watchdog: Double? = nil, handsOver: Bool = true, shim: (any Shim)? = nil) -> Stage.Options {
        var options = Stage.Options(isSocketHandedOver: handsOver)
        options.settings = ["NOTIFY_SOCKET": notify.path, "RUNTIME_DIRECTORY": runtime]
        if let watchdog { options.settings["WATCHDOG_USEC"] = "\(Int(watchdog * 1_000_000))" }
        options.shim = shim
        return options
    }

    /// `ExecReload=`.
    func reload(_ stage: Stage) async throws -> Command {
        try await Command.run(
            Programs.shopAuth, ["reload"],
            environment: ["MAINPID": "\(stage.responder?.pid ?? 0)", "RUNTIME_DIRECTORY": runtime])
    }
}
