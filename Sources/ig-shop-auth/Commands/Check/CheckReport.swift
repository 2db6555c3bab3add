// SPDX-License-Identifier: MIT
import Connect
import Instagram
import Vault

/// What `check` finds out. It changes no row and works while the service runs.
struct CheckReport {
    private(set) var lines: [String] = []
    private(set) var faults: [String] = []
    /// Settings that are not known here.
    private var elsewhere: [String] = []

    /// Goes on after each fault with what can be looked at without it.
    ///
    /// - Parameter asOwner: Gives up root's rights, for the database, which comes last.
    mutating func run(
        environment: [String: String], nginx: NginxSource, layout: Layout = .machine,
        asOwner: (_ database: String) throws -> Void = { _ in }
    ) async {
        libraries(.ofThisMachine())
        let sources: SettingSources
        do {
            sources = try await SettingSources(environment: environment, layout: layout)
        } catch {
            for line in Complaint(error).lines { fault(line) }
            return
        }
        let (settings, faults) = SettingsReader.look(sources)
        for fault in faults + sources.exposed where !fault.isElsewhere { self.fault(fault.description) }
        for secret in faults where secret.isElsewhere {
            elsewhere.append(secret.name)
            note(secret.description)
        }
        for name in sources.unknownNames {
            note(
                "\(name): is in \(sources.filePath ?? "") and is no setting; see that it is spelt as in ig-shop-auth(1)"
            )
        }
        // What is in a file that cannot be read may be anything.
        let isKnown = sources.faults.isEmpty
        var keyring: Keyring?
        if isKnown {
            await look(at: settings)
            keyring = isFaulty(.keys) ? nil : keys(settings.keysPath)
            if !isFaulty(.agents) { agents(settings.agentsPath) }
        }
        let identity = isKnown && !isFaulty(.identity) ? settings.identity : nil
        if sources.isInstalled {
            installation(
                Places(layout, keys: settings.keysPath, agents: settings.agentsPath), identity,
                handedOver: sources.areSecretsHandedOver)
        }
        let isPublicKnown = isKnown && !isFaulty(.publicURL) && !isFaulty(.redirectURI)
        let needs = NginxNeeds(
            identity: identity,
            publicHost: isPublicKnown ? HTTPOrigin.split(settings.publicOrigin)?.origin.host : nil,
            hidesEdge: isFaulty(.edge), mode: NginxNeeds.mode(of:))
        look(at: NginxCheck(nginx, needs, socket: settings.socketPath))
        guard isKnown, !isFaulty(.database) else { return }
        do {
            try asOwner(settings.databasePath)
            database(settings.databasePath, keyring)
        } catch {
            for line in Complaint(error).lines { fault(line) }
        }
    }

    private mutating func look(at settings: Settings) async {
        if !isFaulty(.redirectURI) { redirectURI(settings.app.redirectURI) }
        if ![.redirectURI, .publicURL, .allowedOrigins].contains(where: isFaulty) { origins(settings) }
        let asked: [Setting] = [.appID, .redirectURI, .api, .scopes, .wwwURL, .apiURL]
        if !settings.app.product.isRetired, !asked.contains(where: isFaulty) { await instagram(settings) }
        app(settings)
        good(.publicURL, settings.publicOrigin)
        if !settings.allowedOrigins.isEmpty {
            good(.allowedOrigins, settings.allowedOrigins.joined(separator: ", "))
        }
        good(.identity, settings.identity.explanation)
        if let loginURL = settings.loginURL { good(.loginURL, loginURL) }
        good(.renewalsPerMinute, "\(settings.renewalsPerMinute)")
    }

    private mutating func app(_ settings: Settings) {
        good(.appID, settings.app.id)
        good(.appSecret, "set")
        if !settings.app.extraSecrets.isEmpty { good(.extraSecrets, "set") }
        if settings.app.product.isRetired {
            fault("META_API: Meta has switched off \(settings.app.product.name); instagram-login is what works")
        } else {
            good(.api, settings.app.product.name)
        }
        good(.redirectURI, settings.app.redirectURI)
        good(.scopes, settings.app.scopes.joined(separator: ","))
        good(.webhookFields, settings.webhookFields.isEmpty ? "none" : settings.webhookFields.joined(separator: ","))
        let hosts = settings.app.hosts
        if ![Setting.wwwURL, .apiURL, .graphURL].contains(where: isFaulty) {
            good("META_WWW_URL, META_API_URL, META_GRAPH_URL", "\(hosts.www) \(hosts.api) \(hosts.graph)")
        }
    }

    private mutating func look(at nginx: NginxCheck) {
        for line in nginx.faults { fault("nginx: \(line)") }
        if let summary = nginx.summary { good("nginx", summary) }
        if let note = nginx.note { self.note("nginx: \(note)") }
    }

    // MARK: Lines

    /// What is in force, unless something is wrong with it.
    mutating func good(_ name: String, _ value: String) {
        guard !isFaulty(name) else { return }
        lines.append("ok     \(name): \(value)")
    }

    private mutating func good(_ setting: Setting, _ value: String) {
        // It follows from another one that is faulty.
        if setting == .publicURL, value.isEmpty { return }
        good(setting.name, value)
    }

    func isFaulty(_ setting: Setting) -> Bool { isFaulty(setting.name) }

    func isFaulty(_ name: String) -> Bool {
        elsewhere.contains(name) || faults.contains { $0.hasPrefix(name + ":") }
    }

    /// Worth knowing, or what cannot be told; no fault.
    mutating func note(_ line: String) {
        lines.append("note   \(line)")
    }

    /// - Parameter line: The setting, what is wrong with it, and after a semicolon what to do.
    mutating func fault(_ line: String) {
        faults.append(line)
        lines.append("fault  \(line)")
    }
}
