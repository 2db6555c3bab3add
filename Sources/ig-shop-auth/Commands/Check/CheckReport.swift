// SPDX-License-Identifier: MIT
import Connect
import Instagram

/// What `check` finds out. It changes no row and works while the service runs.
struct CheckReport {
    private(set) var lines: [String] = []
    private(set) var faults: [String] = []

    mutating func run(environment: [String: String], nginx: NginxSource) async {
        libraries(.ofThisMachine())
        let settings: Settings
        do {
            settings = try await SettingsReader.read(environment: environment)
        } catch {
            for line in Complaint(error).lines { fault(line) }
            return
        }
        redirectURI(settings.app.redirectURI)
        if !settings.app.product.isRetired { await instagram(settings) }
        app(settings, environment)
        good("IG_SHOP_AUTH_PUBLIC_URL", settings.publicOrigin)
        good("IG_SHOP_AUTH_IDENTITY", settings.identity.explanation)
        if let loginURL = settings.loginURL { good("IG_SHOP_AUTH_LOGIN_URL", loginURL) }
        good("IG_SHOP_AUTH_RENEWALS_PER_MINUTE", "\(settings.renewalsPerMinute)")
        let keyring = keys(settings.keysPath)
        agents(settings.agentsPath)
        database(settings.databasePath, keyring)
        look(
            at: NginxCheck(
                nginx,
                NginxNeeds(
                    identity: settings.identity, publicHost: HTTPOrigin.split(settings.publicOrigin)?.origin.host,
                    mode: NginxNeeds.mode(of:)), socket: settings.socketPath)
        )
    }

    private mutating func app(_ settings: Settings, _ environment: [String: String]) {
        good("META_APP_ID", settings.app.id)
        good("META_APP_SECRET", "set")
        if environment["META_APP_SECRET"] != nil, environment["INVOCATION_ID"] != nil {
            fault("META_APP_SECRET: is in the environment of a systemd service; use a credential named meta-app-secret")
        }
        if !settings.app.extraSecrets.isEmpty { good("META_EXTRA_SECRETS", "set") }
        if environment["META_EXTRA_SECRETS"] != nil, environment["INVOCATION_ID"] != nil {
            fault(
                "META_EXTRA_SECRETS: is in the environment of a systemd service; use a credential named "
                    + "meta-extra-secrets")
        }
        if settings.app.product.isRetired {
            fault("META_API: Meta has switched off \(settings.app.product.name); instagram-login is what works")
        } else {
            good("META_API", settings.app.product.name)
        }
        good("META_REDIRECT_URI", settings.app.redirectURI)
        good("META_SCOPES", settings.app.scopes.joined(separator: ","))
        good(
            "META_WEBHOOK_FIELDS",
            settings.webhookFields.isEmpty ? "none" : settings.webhookFields.joined(separator: ","))
        let hosts = settings.app.hosts
        good("META_WWW_URL, META_API_URL, META_GRAPH_URL", "\(hosts.www) \(hosts.api) \(hosts.graph)")
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

    func isFaulty(_ name: String) -> Bool { faults.contains { $0.hasPrefix(name + ":") } }

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
