// SPDX-License-Identifier: MIT
import Connect
import Logging
import ServiceLifecycle
import UnixSignals

/// SIGHUP: the files that an operator edits are read again, by path. A bad one changes nothing.
struct ReloadService: Service {
    private let site: Site
    private let path: String
    private let hangups: UnixSignalsSequence
    private let log: Logger

    /// The journal's share of a file with a fault in every line; `check` tells all of them.
    private static let faultsTold = 100

    init(site: Site, path: String, on hangups: UnixSignalsSequence, log: Logger) {
        self.site = site
        self.path = path
        self.hangups = hangups
        self.log = log
    }

    func run() async {
        // Signals that come while a file is read are one more reading, so the last one is never missed.
        for await _ in hangups.cancelOnGracefulShutdown() { await reload() }
    }

    private func reload() async {
        do throws(AgentsFile.Fault) {
            guard let read = try AgentsFile.load(path) else {
                return refuse(["\(path) is gone; a file without a line is one without an agent"])
            }
            await site.serve(read)
            log.notice("reloaded", metadata: ["agents": "\(read.names.joined(separator: " "))"])
        } catch {
            refuse(error.lines)
        }
    }

    /// One line of the journal each, then what goes on.
    private func refuse(_ faults: [String]) {
        for fault in faults.prefix(Self.faultsTold) {
            log.error("reload refused", metadata: ["fault": "\(fault)"])
        }
        if faults.count > Self.faultsTold {
            log.error(
                "reload refused",
                metadata: ["fault": "\(faults.count - Self.faultsTold) more; `ig-shop-auth check` tells them"])
        }
        log.notice("reload changed nothing", metadata: ["agents": "\(site.agentNames.joined(separator: " "))"])
    }
}
