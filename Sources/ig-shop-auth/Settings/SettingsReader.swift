// SPDX-License-Identifier: MIT
import Connect
import Instagram
import Logging
import Vault

/// Reads settings as strings and refuses what does not parse: a library's `int(forKey:)` would fall back silently.
struct SettingsReader {
    private let sources: SettingSources
    private(set) var faults: [SettingFault]

    static func read(environment: [String: String], layout: Layout = .machine) async throws -> Settings {
        let (settings, faults) = try await look(SettingSources(environment: environment, layout: layout))
        if !faults.isEmpty { throw SettingFaults(faults: faults) }
        return settings
    }

    /// All that can be read, for who goes on with the rest: what is faulty has its default, or is empty.
    static func look(_ sources: SettingSources) -> (settings: Settings, faults: [SettingFault]) {
        var reader = SettingsReader(sources)
        let settings = reader.settings()
        return (settings, reader.faults)
    }

    /// Where the database and the keys are, for what only looks at them: no other setting has to be there.
    static func paths(
        environment: [String: String], layout: Layout = .machine
    ) async throws -> (database: String, keys: String) {
        var reader = SettingsReader(try await SettingSources(environment: environment, layout: layout))
        let paths = (reader.path(.database), reader.path(.keys))
        if !reader.faults.isEmpty { throw SettingFaults(faults: reader.faults) }
        return paths
    }

    private init(_ sources: SettingSources) {
        self.sources = sources
        faults = sources.faults
    }

    private mutating func settings() -> Settings {
        let redirect = redirectURI()
        let isLoopback = redirect?.origin.isLoopback ?? false
        let hosts = hosts(redirectIsLoopback: isLoopback)
        let product = product()
        let app = App(
            product: product,
            id: required(.appID) { (1...32).contains($0.count) && $0.allSatisfy { ("0"..."9").contains($0) } }
                ?? "",
            secret: AppSecret(utf8: required(.appSecret) { Self.isAppSecret($0) } ?? ""),
            redirectURI: redirect.map { $0.origin.description + $0.path } ?? "",
            scopes: scopes(of: product), hosts: hosts, graphVersion: graphVersion(), extraSecrets: extraSecrets())
        let publicOrigin = publicOrigin() ?? redirect?.origin.description ?? ""
        let allowedOrigins = allowedOrigins(publicOrigin: publicOrigin)
        return Settings(
            app: app, publicOrigin: publicOrigin, allowedOrigins: allowedOrigins, identity: identity(),
            loginURL: loginURL(), after: after(origins: allowedOrigins, own: publicOrigin),
            databasePath: path(.database), keysPath: path(.keys), agentsPath: path(.agents),
            renewalsPerMinute: renewalsPerMinute(), webhookFields: webhookFields(),
            socketPath: socketPath(), logLevel: logLevel(), allowsPlainHTTP: isLoopback)
    }

    // MARK: One setting each

    /// https, or http on a loopback host, in the very form that Instagram compares.
    private mutating func redirectURI() -> (origin: HTTPOrigin, path: String)? {
        let name = Setting.redirectURI
        guard let text = text(name) else {
            missing(name, "it is the redirect URI that is registered with the app")
            return nil
        }
        guard let split = HTTPOrigin.split(text), split.origin.description + split.path == text else {
            fault(name, "is not a plain URL such as https://shop.example.com/auth/instagram/callback")
            return nil
        }
        guard split.origin.scheme == "https" || split.origin.isLoopback else {
            fault(name, "has to be https (http only on a loopback host such as localhost): Meta refuses it otherwise")
            return nil
        }
        guard !split.path.contains(where: { $0 == "?" || $0 == "#" }), split.path.count > 1 else {
            fault(name, "needs a path, and neither a query nor a fragment")
            return nil
        }
        return split
    }

    private mutating func hosts(redirectIsLoopback: Bool) -> App.Hosts {
        var hosts = App.Hosts()
        hosts.www = host(.wwwURL, redirectIsLoopback) ?? hosts.www
        hosts.api = host(.apiURL, redirectIsLoopback) ?? hosts.api
        hosts.graph = host(.graphURL, redirectIsLoopback) ?? hosts.graph
        return hosts
    }

    private mutating func host(_ name: Setting, _ redirectIsLoopback: Bool) -> String? {
        guard let text = text(name) else { return nil }
        guard let (origin, path) = HTTPOrigin.split(text), path.isEmpty || path == "/" else {
            fault(name, "is not a URL of scheme and host, such as https://www.instagram.com")
            return nil
        }
        let isInstagram =
            origin.scheme == "https" && (origin.isBelow("instagram.com") || origin.isBelow("facebook.com"))
        guard isInstagram || (origin.isLoopback && redirectIsLoopback) else {
            fault(
                name,
                "has to be https on instagram.com or facebook.com, or a loopback host if META_REDIRECT_URI is on one")
            return nil
        }
        return origin.description
    }

    private mutating func publicOrigin() -> String? {
        let name = Setting.publicURL
        guard let text = text(name) else { return nil }
        guard let (origin, path) = HTTPOrigin.split(text), path.isEmpty || path == "/",
            origin.scheme == "https" || origin.isLoopback
        else {
            fault(name, "is not https://HOST[:PORT] (http only on a loopback host)")
            return nil
        }
        return origin.description
    }

    private mutating func after(origins: [String], own: String) -> ReturnTo {
        let name = Setting.afterURL
        if let place = try? ReturnTo(value(name) ?? "", origins: origins, own: own) { return place }
        fault(
            name,
            "is neither a path on this site, such as \(Endpoint.settings.rawValue),"
                + " nor a URL on one of \(Setting.allowedOrigins.name)")
        return Site.settingsPath
    }

    private mutating func product() -> InstagramProduct {
        guard let text = value(.api) else { return .instagramLogin }
        if let product = InstagramProduct.all.first(where: { $0.name == text }) { return product }
        fault(.api, "is not \(InstagramProduct.all.map(\.name).joined(separator: " or "))")
        return .instagramLogin
    }

    private mutating func identity() -> Identity {
        let name = Setting.identity
        switch value(name) {
        case "session": return .session
        case "remote-user":
            return .remoteUser(edge: edge() ?? EdgeSecret(utf8: ""))
        default:
            fault(name, "is not session or remote-user")
            return .session
        }
    }

    /// 256 bits as base64url. systemd's credential for it is named `edge`.
    private mutating func edge() -> EdgeSecret? {
        let name = Setting.edge
        guard let text = text(name) else {
            missing(name, "with the identity remote-user nginx sends it along, `ig-shop-auth init` makes one")
            return nil
        }
        guard Base64URL.decode(text.utf8)?.count == 32 else {
            fault(name, "is not 32 bytes of base64url, 43 characters")
            return nil
        }
        return EdgeSecret(utf8: text)
    }

    private mutating func loginURL() -> String? {
        let name = Setting.loginURL
        guard let text = text(name) else { return nil }
        if let path = try? ReturnTo(text) { return path.path }
        if let (origin, _) = HTTPOrigin.split(text), origin.scheme == "https" || origin.isLoopback { return text }
        fault(name, "is neither a path on this site nor an https URL")
        return nil
    }

    private mutating func graphVersion() -> String {
        let text = value(.graphVersion) ?? ""
        let numbers = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        if !text.hasPrefix("v") || numbers.count != 2 || !numbers.allSatisfy({ UInt16($0) != nil }) {
            fault(.graphVersion, "is not a version such as v25.0")
        }
        return text
    }

    private mutating func logLevel() -> Logger.Level {
        if let level = value(.logLevel).flatMap({ Logger.Level(rawValue: $0) }) { return level }
        fault(
            .logLevel,
            "is not one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        return .info
    }

    private mutating func socketPath() -> String? {
        guard text(.socket) != nil else { return nil }
        return path(.socket)
    }

    private mutating func path(_ name: Setting) -> String {
        let path = value(name) ?? ""
        if !path.hasPrefix("/") { fault(name, "is not an absolute path") }
        return path
    }

    // MARK: Reading

    private mutating func required(_ name: Setting, _ isValid: (String) -> Bool) -> String? {
        guard let text = text(name) else {
            missing(name, "the app's dashboard shows it under API setup with Instagram login")
            return nil
        }
        if !isValid(text) { fault(name, "is not what Meta's dashboard shows there") }
        return text
    }

    /// What is set, or what counts instead.
    mutating func value(_ name: Setting) -> String? { text(name) ?? name.standard }

    /// What is set.
    mutating func text(_ name: Setting) -> String? {
        do throws(SmallFile.Failure) {
            if let text = try sources.text(name) { return text }
            if let path = sources.encrypted(name), let credential = name.credential,
                !faults.contains(where: { $0.name == name.name })
            {
                let property = "LoadCredentialEncrypted=\(credential):\(path)"
                faults.append(
                    SettingFault(
                        name: name.name,
                        problem: "is encrypted for systemd, in \(path); where it is needed,"
                            + " systemd-run --pipe --wait -p \(property) COMMAND",
                        isElsewhere: true))
            }
            return nil
        } catch {
            // One that need not be there, in a directory that is closed: the app's secret tells that already.
            if name == .extraSecrets, faults.contains(where: { $0.name == Setting.appSecret.name }) { return nil }
            let remedy = error.isRefusal ? "run this as root" : "make it a file with the secret alone"
            fault(name, "\(name.place) cannot be read: \(error.text); \(remedy)")
            return nil
        }
    }

    /// Nothing is known to be missing from a file that cannot be read, and what cannot be read is told already.
    private mutating func missing(_ name: Setting, _ what: String) {
        guard sources.faults.isEmpty, !faults.contains(where: { $0.name == name.name }) else { return }
        fault(name, "is missing; \(what); it belongs in \(name.place)")
    }

    mutating func fault(_ name: Setting, _ problem: String) {
        faults.append(SettingFault(name: name.name, problem: problem))
    }
}
