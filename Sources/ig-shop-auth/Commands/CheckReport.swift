// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Instagram
import Transfer
import Vault

/// What `check` finds out. It changes no row and works while the service runs.
struct CheckReport {
    private(set) var lines: [String] = []
    private(set) var faults: [String] = []

    mutating func run(environment: [String: String], nginx: NginxSource) async {
        libraries()
        let settings: Settings
        do {
            settings = try await SettingsReader.read(environment: environment)
        } catch {
            for line in Complaint(error).lines { fault(line) }
            return
        }
        good("META_APP_ID", settings.app.id)
        good("META_APP_SECRET", "set")
        if environment["META_APP_SECRET"] != nil, environment["INVOCATION_ID"] != nil {
            fault("META_APP_SECRET: is in the environment of a systemd service; use a credential named meta-app-secret")
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
        good("IG_SHOP_AUTH_PUBLIC_URL", settings.publicOrigin)
        good("IG_SHOP_AUTH_IDENTITY", settings.identity.explanation)
        if let loginURL = settings.loginURL { good("IG_SHOP_AUTH_LOGIN_URL", loginURL) }
        good("IG_SHOP_AUTH_RENEWALS_PER_MINUTE", "\(settings.renewalsPerMinute)")
        let keyring = keys(settings.keysPath)
        agents(settings.agentsPath)
        await database(settings.databasePath, keyring)
        look(
            at: NginxCheck(
                nginx, NginxNeeds(identity: settings.identity, mode: NginxNeeds.mode(of:)), socket: settings.socketPath)
        )
    }

    private mutating func look(at nginx: NginxCheck) {
        for line in nginx.faults { fault("nginx: \(line)") }
        if let summary = nginx.summary { good("nginx", summary) }
        if let note = nginx.note { self.note("nginx: \(note)") }
    }

    private mutating func keys(_ path: String) -> Keyring? {
        do {
            let keyring = try KeyFile.load(path)
            good("IG_SHOP_AUTH_KEYS", "\(path): \(keyring.ids.map(\.description).joined(separator: " "))")
            return keyring
        } catch {
            for line in Complaint(error).lines { fault(line) }
            return nil
        }
    }

    private mutating func agents(_ path: String) {
        let name = "IG_SHOP_AUTH_AGENTS"
        do {
            guard let agents = try AgentsFile.load(path) else {
                return note("\(name): there is no \(path), so no agent is known; `ig-shop-auth agent-key` makes a line")
            }
            let told = agents.all.map { "\($0.name) (\($0.users.explanation))" }
            good(name, "\(path): \(told.isEmpty ? "no agent" : told.joined(separator: ", "))")
        } catch {
            for line in Complaint(error).lines { fault(line) }
        }
    }

    private mutating func database(_ path: String, _ keyring: Keyring?) async {
        let name = "IG_SHOP_AUTH_DATABASE"
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard access(directory, W_OK | X_OK) == 0 else {
            return fault("\(name): this user may not write to the directory \(directory); make it, or name another")
        }
        guard access(path, F_OK) == 0 else { return good(name, "\(path): is made by the first start") }
        guard access(path, R_OK | W_OK) == 0 else {
            return fault("\(name): \(path) is not readable and writable for this user; run check as the service's user")
        }
        do throws(StoreFailure) {
            let seen = try Inspection(path: path)
            good(name, "\(path): \(seen.users) users")
            for (key, rows) in seen.rowsByKey.sorted(by: { $0.key < $1.key }) {
                if let keyring, !keyring.ids.contains(key) {
                    fault("IG_SHOP_AUTH_KEYS: the key \(key) is missing, and \(rows) rows need it; put it back")
                }
            }
        } catch {
            fault("\(name): \(error)")
        }
    }

    private mutating func libraries() {
        good("libraries", "\(LinkedLibrary.version), SQLite \(Inspection.sqliteVersion), \(Transfer.libraryVersion)")
    }

    private mutating func good(_ name: String, _ value: String) {
        lines.append("ok     \(name): \(value)")
    }

    private mutating func note(_ line: String) {
        lines.append("note   \(line)")
    }

    private mutating func fault(_ line: String) {
        faults.append(line)
        lines.append("fault  \(line)")
    }
}

extension Agent.Users {
    fileprivate var explanation: String {
        switch self {
        case .all: "every user"
        case .some(let users): users.count == 1 ? "1 user" : "\(users.count) users"
        }
    }
}
