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
    private let desk: ReloadDesk?
    private let status: StatusLine
    private let log: Logger

    /// The journal's share of a file with a fault in every line; `check` tells all of them.
    private static let faultsTold = 100

    /// - Parameter desk: Where somebody may wait for the verdict.
    init(
        site: Site, keysPath: String, agentsPath: String, on hangups: UnixSignalsSequence, desk: ReloadDesk?,
        status: StatusLine, log: Logger
    ) {
        self.site = site
        self.keysPath = keysPath
        self.agentsPath = agentsPath
        self.hangups = hangups
        self.desk = desk
        self.status = status
        self.log = log
    }

    func run() async {
        // Signals that come while a file is read are one more reading, so the last one is never missed.
        // None is begun in a stop, which has no time left for it.
        for await _ in hangups.cancelOnGracefulShutdown() where !site.isStopping {
            // Before the files: a verdict is never of files that are older than the question.
            let asked = desk?.asked()
            let verdict = await reload()
            status.refresh()
            if let asked { answer(asked, verdict) }
        }
    }

    private func answer(_ id: String, _ verdict: ReloadDesk.Verdict) {
        do throws(ReloadDesk.Failure) { try desk?.answer(id, verdict) } catch {
            log.error(
                "reload not answered",
                metadata: ["failure": "\(error)", "effect": "whoever waits for it does not hear what is in force"])
        }
    }

    private func reload() async -> ReloadDesk.Verdict {
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
            return .inForce(["keys \(keys)", "agents \(agentNames)"])
        } catch {
            switch error {
            case .refused(let refusals): return refuse(refusals.map { "\(keysPath): \($0)" })
            case .store(let failure): return refuse(["\(keysPath): the keys cannot be written down: \(failure)"])
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
    private func refuse(_ faults: [String]) -> ReloadDesk.Verdict {
        var told = Array(faults.prefix(Self.faultsTold))
        if faults.count > told.count {
            told.append("\(faults.count - told.count) more; `ig-shop-auth check` tells them")
        }
        for fault in told { log.error("reload refused", metadata: ["fault": "\(fault)"]) }
        log.notice("reload changed nothing", metadata: inForce)
        return .refused(told)
    }

    private var keys: String { site.keyIDs.map(\.description).joined(separator: " ") }
    private var agentNames: String { site.agentNames.joined(separator: " ") }
    private var inForce: Logger.Metadata { ["keys": "\(keys)", "agents": "\(agentNames)"] }
}
