// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Dispatch
import Foundation
import Gateway
import Instagram
import Logging
import ServiceLifecycle
import Transfer
import UnixSignals
import Vault

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answers FastCGI requests until SIGTERM.",
        discussion: """
            Settings come from the environment and from systemd's credentials directory; `check` explains them. The \
            listening socket is descriptor 0, or IG_SHOP_AUTH_SOCKET. It exits with 0 after SIGTERM or SIGINT, with 75 \
            when the path of the socket that was handed over is gone (who started it makes the socket again, then the \
            service), with 78 where only other settings help, 69 where something is taken or unavailable, 70 for a defect.
            """)

    func run() async throws {
        StopSignals.note()
        defer { StopSignals.ignore() }
        // libfcgi looks at the signal handlers when it is initialised, so ours come after it.
        try await Complaint.about {
            guard Gateway.initialiseLibrary() else {
                throw Complaint("libfcgi cannot be initialised", exit: SysExit.internalError)
            }
        }
        let stops = await StopSignals()
        signal(SIGHUP, SIG_IGN)
        // Before any file is read: a SIGHUP from here on is answered by reading it again.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        umask(0o077)
        let watchdog = Watchdog(environment: .current)
        try await Complaint.about { try TimeBudget().prove(watchdog) }
        let descriptors = Descriptors.raise()
        let settings = try await Complaint.about { try await SettingsReader.read(environment: .current) }
        let keyring = try await Complaint.about { try KeyFile.load(settings.keysPath) }
        let known = try await Complaint.about { try AgentsFile.load(settings.agentsPath) }
        let agents = AgentsInForce(known ?? .none)

        let journal = Journal(level: settings.logLevel)
        defer { journal.close() }
        let log = Logger(label: "ig-shop-auth") { _ in JournalHandler(journal) }

        let clock = MachineClock(given: [String: String].current["IG_SHOP_AUTH_BOOT_ID"])
        let metrics = Metrics(version: Version.number, linesLost: { journal.linesLost })
        let store = try await Complaint.about {
            try Store(path: settings.databasePath, queue: Self.storeQueue, metrics: metrics)
        }
        let keys = KeyringInForce(keyring)
        let start = try await Complaint.about { try await Self.start(with: keys, in: store, settings.keysPath) }
        let flows = Descriptors.flows(within: descriptors)
        var limits = TransferLimits(allowsPlainHTTP: settings.allowsPlainHTTP)
        // Without TLS there is no HTTP/2: each flow needs a connection of its own.
        if !settings.app.hosts.areEncrypted { limits.connectionsPerHost = flows }
        limits.sharesAlways = true
        let crowd = Transfer(limits: limits)
        let alone = Transfer(limits: TransferLimits(inFlight: 16, allowsPlainHTTP: settings.allowsPlainHTTP))
        let watch = ClockWatch(log: log) { clock.now().time }
        let site = Site(
            settings: SiteSettings(
                publicOrigin: settings.publicOrigin, allowedOrigins: settings.allowedOrigins, after: settings.after,
                identity: settings.identity, loginURL: settings.loginURL, flowsInFlight: flows),
            keys: keys, store: store,
            instagram: InstagramAPI(
                app: settings.app, transport: .live(crowd: crowd, alone: alone, clock: watch),
                observe: { metrics.call($0, outcome: $1, seconds: $2) }),
            agents: agents,
            renewal: RenewalSettings(
                callsPerMinute: settings.renewalsPerMinute, webhookFields: settings.webhookFields),
            clock: { clock.now() }, log: log)
        let socket = try await Complaint.about { try Self.socket(settings) }
        let inside = Inside(site: site, journal: journal, metrics: metrics, isHandedOver: socket.ownPath == nil)
        let events = GatewayEvents(log)
        let gateway = try await Complaint.about {
            try Gateway(
                socket: socket, observe: { events.note($0) }, overdue: { for each in [crowd, alone] { each.stop() } },
                handler: { await inside.answer($0) })
        }

        log.notice(
            "started",
            metadata: [
                "version": "\(Version.number)", "keys": "\(keyring.ids.map(\.description).joined(separator: " "))",
                "identity": "\(settings.identity.explanation)",
                "agents": "\(agents.current.names.joined(separator: " "))",
            ])
        site.tell(start.missing)
        if let failure = start.unwritten {
            log.error("storage", metadata: ["failure": "\(failure)", "during": "keys"])
        }
        if known == nil {
            log.notice(
                "no agents file",
                metadata: [
                    "file": "\(settings.agentsPath)",
                    "effect": "no agent is known; `ig-shop-auth agent-key` makes a key and its line",
                ])
        }
        if settings.app.product.isRetired {
            log.warning("META_API", metadata: ["because": "Meta has switched off \(settings.app.product.name)"])
        }
        if clock.isOfThisProcessOnly {
            log.warning("no boot id", metadata: ["effect": "a restart ends the flows that visitors have open"])
        }
        let notifier = Notifier(path: [String: String].current["NOTIFY_SOCKET"])
        let status = StatusLine(notifier, of: site)
        let supervision = SupervisionService(
            parts: [
                Part("gateway") { gateway.turn($0) }, Part("transfer") { crowd.turn($0) },
                Part("transfer of codes") { alone.turn($0) }, Part("store") { store.turn($0) },
                Part("store reader") { store.readTurn($0) },
            ],
            storage: StorageWatch(status: status, log: log, failure: { store.failure }) { try await site.check() },
            status: status, notifier: notifier, rounds: Rounds(watchdog), socketPath: Self.handedOver(socket, log),
            log: log)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: stops, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: ReloadService(
                            site: site, keysPath: settings.keysPath, agentsPath: settings.agentsPath, on: hangups,
                            desk: ReloadDesk(environment: .current), status: status, log: log)),
                    .init(
                        service: TransferService(transfer: crowd),
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: TransferService(transfer: alone),
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: EngineService(work: site.lettingGo.run, stop: site.lettingGo.stop),
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: EngineService(work: site.resealing.run, stop: site.resealing.stop),
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: EngineService(work: site.renewals.run, stop: site.renewals.stop),
                        failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(
                        service: GatewayService(gateway: gateway, site: site, log: log),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                    // Shut down first: systemd hears of the end before it begins.
                    .init(service: supervision, failureTerminationBehavior: .gracefullyShutdownGroup),
                ], logger: Self.quiet(log)))
        var failure: (any Error)?
        do { try await group.run() } catch { failure = error }
        try await Complaint.about { try store.close() }
        if failure is SocketGone {
            log.notice("stopped")
            throw SysExit.temporary
        }
        if let failure {
            log.critical("stopped", metadata: ["because": "\(failure)"])
            try await Complaint.about { throw failure }
        }
        log.notice("stopped")
    }

    /// A keyring with other bytes under an old name ends the start: what the old ones sealed would be lost.
    ///
    /// - Returns: The keys that rows need and the ring lacks, and why the ring could not be remembered.
    private static func start(
        with keys: KeyringInForce, in store: Store, _ path: String
    ) async throws -> (missing: [MissingKey], unwritten: StoreFailure?) {
        let (outcome, unwritten) = try await store.start(with: keys)
        switch outcome {
        case .inForce(let missing): return (missing, unwritten)
        case .refused(let refusals):
            throw Complaint(refusals.map { "IG_SHOP_AUTH_KEYS: \(path): \($0)" }, exit: SysExit.configuration)
        }
    }

    /// A global queue has as many threads as the machine has cores, and no task of Swift runs on this one. With one core
    /// the reader would wait for the writer's disk.
    private static var storeQueue: DispatchQueue? {
        ProcessInfo.processInfo.activeProcessorCount > 1 ? .global(qos: .utility) : nil
    }

    private static func socket(_ settings: Settings) throws -> ListeningSocket {
        if let inherited = ListeningSocket.inherited() { return inherited }
        guard let path = settings.socketPath else {
            throw SettingFaults(faults: [
                SettingFault(
                    name: "IG_SHOP_AUTH_SOCKET",
                    problem: "is missing, and descriptor 0 is no listening socket; name a path to listen on")
            ])
        }
        return try ListeningSocket.bound(to: path)
    }

    /// Where nginx looks for the socket of somebody else. systemd, who gives a directory with it, makes again one that is
    /// gone, also before this start; whoever else it is may have it where it is not seen from here.
    private static func handedOver(_ socket: ListeningSocket, _ log: Logger) -> String? {
        guard socket.ownPath == nil, let path = socket.path else { return nil }
        let isOfUnit = ReloadDesk(environment: .current) != nil
        guard !isOfUnit, ListeningSocket.isGone(path) else { return path }
        log.warning(
            "socket not seen",
            metadata: ["path": "\(path)", "effect": "nobody is told here when nginx cannot reach this service"])
        return nil
    }

    /// The lifecycle's own lines are of interest only when something is wrong.
    private static func quiet(_ log: Logger) -> Logger {
        var quiet = log
        quiet.logLevel = max(log.logLevel, .warning)
        return quiet
    }
}

extension [String: String] {
    static var current: Self { ProcessInfo.processInfo.environment }
}
