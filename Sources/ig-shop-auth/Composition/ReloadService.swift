// SPDX-License-Identifier: MIT
import Connect
import Logging
import ServiceLifecycle
import UnixSignals
import Vault

/// SIGHUP: the keyring and the agents file are read again, by path. A fault in either changes neither.
struct ReloadService: Service {
    private let site: Site
    private let keysPath: String
    private let agentsPath: String
    private let hangups: UnixSignalsSequence
    private let log: Logger

    /// The journal's share of a file with a fault in every line; `check` tells all of them.
    private static let faultsTold = 100

    init(site: Site, keysPath: String, agentsPath: String, on hangups: UnixSignalsSequence, log: Logger) {
        self.site = site
        self.keysPath = keysPath
        self.agentsPath = agentsPath
        self.hangups = hangups
        self.log = log
    }

    func run() async {
        // Signals that come while a file is read are one more reading, so the last one is never missed.
        for await _ in hangups.cancelOnGracefulShutdown() { await reload() }
    }

    private func reload() async {
        var faults: [String] = []
        var keyring: Keyring?
        do throws(KeyFile.Fault) { keyring = try KeyFile.load(keysPath) } catch { faults += error.lines }
        var agents: Agents?
        do throws(AgentsFile.Fault) { agents = try AgentsFile.load(agentsPath) ?? absentAgents(&faults) } catch {
            faults += error.lines
        }
        guard faults.isEmpty, let keyring, let agents else { return refuse(faults) }
        do throws(ReloadFailure) {
            try await site.serve(agents, keyring)
            log.notice("reloaded", metadata: inForce)
        } catch {
            switch error {
            case .refused(let refusals): refuse(refusals.map { "\(keysPath): \($0)" })
            case .store(let failure): refuse(["\(keysPath): the keys cannot be written down: \(failure)"])
            }
        }
    }

    /// A shop that has agents does not lose them with a file.
    private func absentAgents(_ faults: inout [String]) -> Agents {
        if !site.agentNames.isEmpty {
            faults.append("\(agentsPath) is gone; a file without a line is one without an agent")
        }
        return .none
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
        log.notice("reload changed nothing", metadata: inForce)
    }

    private var inForce: Logger.Metadata {
        [
            "keys": "\(site.keyIDs.map(\.description).joined(separator: " "))",
            "agents": "\(site.agentNames.joined(separator: " "))",
        ]
    }
}
