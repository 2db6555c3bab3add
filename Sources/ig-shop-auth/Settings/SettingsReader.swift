// SPDX-License-Identifier: MIT
import Configuration
import Connect
import Instagram
import Logging
import SystemPackage
import Vault

/// Reads settings as strings and refuses what does not parse: a library's `int(forKey:)` would fall back silently.
struct SettingsReader {
    private let config: ConfigReader
    /// systemd's credentials directory alone, for names that are too short for an environment.
    private let credentials: ConfigReader?
    private var faults: [SettingFault] = []

    /// systemd's credentials directory, where there is one, wins over the environment.
    static func read(environment: [String: String]) async throws -> Settings {
        var reader = try await reader(environment)
        return try reader.settings()
    }

    /// Where the database and the keys are, for what only looks at them: no other setting has to be there.
    static func paths(environment: [String: String]) async throws -> (database: String, keys: String) {
        var reader = try await reader(environment)
        let paths = (reader.databasePath(), reader.keysPath())
        if !reader.faults.isEmpty { throw SettingFaults(faults: reader.faults) }
        return paths
    }

    private static func reader(_ environment: [String: String]) async throws -> SettingsReader {
        var credentials: [any ConfigProvider] = []
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty {
            credentials.append(try await DirectoryFilesProvider(directoryPath: FilePath(directory), allowMissing: true))
        }
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        return SettingsReader(
            config: ConfigReader(providers: credentials + [variables]),
            credentials: credentials.isEmpty ? nil : ConfigReader(providers: credentials))
    }

    private init(config: ConfigReader, credentials: ConfigReader?) {
        self.config = config
        self.credentials = credentials
    }

    private mutating func settings() throws -> Settings {
        let redirect = redirectURI()
        let isLoopback = redirect?.origin.isLoopback ?? false
        let hosts = hosts(redirectIsLoopback: isLoopback)
        let product = product()
        let app = App(
            product: product,
            id: required("META_APP_ID") { (1...32).contains($0.count) && $0.allSatisfy { ("0"..."9").contains($0) } }
                ?? "",
            secret: AppSecret(utf8: required("META_APP_SECRET", secret: true) { Self.isAppSecret($0) } ?? ""),
            redirectURI: redirect.map { $0.origin.description + $0.path } ?? "",
            scopes: scopes(of: product), hosts: hosts, graphVersion: graphVersion(), extraSecrets: extraSecrets())
        let publicOrigin = publicOrigin() ?? redirect?.origin.description ?? ""
        let settings = Settings(
            app: app, publicOrigin: publicOrigin, identity: identity(), loginURL: loginURL(), after: after(),
            databasePath: databasePath(), keysPath: keysPath(),
            agentsPath: path("IG_SHOP_AUTH_AGENTS") ?? "/etc/ig-shop-auth/agents",
            renewalsPerMinute: renewalsPerMinute(), webhookFields: webhookFields(),
            socketPath: path("IG_SHOP_AUTH_SOCKET"), logLevel: logLevel(), allowsPlainHTTP: isLoopback)
        if !faults.isEmpty { throw SettingFaults(faults: faults) }
        return settings
    }

    // MARK: One setting each

    /// https, or http on a loopback host, in the very form that Instagram compares.
    private mutating func redirectURI() -> (origin: HTTPOrigin, path: String)? {
        let name = "META_REDIRECT_URI"
        guard let text = text(name) else {
            fault(name, "is missing; it is the redirect URI that is registered with the app")
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
        hosts.www = host("META_WWW_URL", redirectIsLoopback) ?? hosts.www
        hosts.api = host("META_API_URL", redirectIsLoopback) ?? hosts.api
        hosts.graph = host("META_GRAPH_URL", redirectIsLoopback) ?? hosts.graph
        return hosts
    }

    private mutating func host(_ name: String, _ redirectIsLoopback: Bool) -> String? {
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
        let name = "IG_SHOP_AUTH_PUBLIC_URL"
        guard let text = text(name) else { return nil }
        guard let (origin, path) = HTTPOrigin.split(text), path.isEmpty || path == "/",
            origin.scheme == "https" || origin.isLoopback
        else {
            fault(name, "is not https://HOST[:PORT] (http only on a loopback host)")
            return nil
        }
        return origin.description
    }

    private mutating func after() -> ReturnTo {
        let name = "IG_SHOP_AUTH_AFTER_URL"
        let standard = Endpoint.settings.rawValue
        if let path = try? ReturnTo(text(name) ?? standard) { return path }
        fault(name, "is not a path on this site, such as \(standard)")
        return Site.settingsPath
    }

    private mutating func product() -> InstagramProduct {
        guard let text = text("META_API") else { return .instagramLogin }
        if let product = InstagramProduct.all.first(where: { $0.name == text }) { return product }
        fault("META_API", "is not \(InstagramProduct.all.map(\.name).joined(separator: " or "))")
        return .instagramLogin
    }

    private mutating func identity() -> Identity {
        let name = "IG_SHOP_AUTH_IDENTITY"
        switch text(name) {
        case nil, "session": return .session
        case "remote-user":
            return .remoteUser(edge: edge() ?? EdgeSecret(utf8: ""))
        default:
            fault(name, "is not session or remote-user")
            return .session
        }
    }

    /// 256 bits as base64url. systemd's credential for it is named `edge`.
    private mutating func edge() -> EdgeSecret? {
        let name = "IG_SHOP_AUTH_EDGE"
        guard let text = credentials?.string(forKey: "edge", isSecret: true) ?? text(name, secret: true) else {
            fault(
                name,
                "is missing; with the identity remote-user nginx sends it along, `ig-shop-auth keys edge` makes one")
            return nil
        }
        guard Base64URL.decode(text.utf8)?.count == 32 else {
            fault(name, "is not 32 bytes of base64url, 43 characters")
            return nil
        }
        return EdgeSecret(utf8: text)
    }

    private mutating func loginURL() -> String? {
        let name = "IG_SHOP_AUTH_LOGIN_URL"
        guard let text = text(name) else { return nil }
        if let path = try? ReturnTo(text) { return path.path }
        if let (origin, _) = HTTPOrigin.split(text), origin.scheme == "https" || origin.isLoopback { return text }
        fault(name, "is neither a path on this site nor an https URL")
        return nil
    }

    private mutating func graphVersion() -> String {
        let text = text("META_GRAPH_VERSION") ?? "v25.0"
        let numbers = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        if !text.hasPrefix("v") || numbers.count != 2 || !numbers.allSatisfy({ UInt16($0) != nil }) {
            fault("META_GRAPH_VERSION", "is not a version such as v25.0")
        }
        return text
    }

    private mutating func logLevel() -> Logger.Level {
        guard let text = text("IG_SHOP_AUTH_LOG_LEVEL") else { return .info }
        if let level = Logger.Level(rawValue: text) { return level }
        fault(
            "IG_SHOP_AUTH_LOG_LEVEL",
            "is not one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        return .info
    }

    private mutating func databasePath() -> String {
        path("IG_SHOP_AUTH_DATABASE") ?? "/var/lib/ig-shop-auth/ig-shop-auth.sqlite3"
    }

    private mutating func keysPath() -> String { path("IG_SHOP_AUTH_KEYS") ?? "/etc/ig-shop-auth/keys" }

    private mutating func path(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        if !text.hasPrefix("/") { fault(name, "is not an absolute path") }
        return text
    }

    // MARK: Reading

    private mutating func required(_ name: String, secret: Bool = false, _ isValid: (String) -> Bool) -> String? {
        guard let text = text(name, secret: secret) else {
            fault(name, "is missing; the app's dashboard shows it under API setup with Instagram login")
            return nil
        }
        if !isValid(text) { fault(name, "is not what Meta's dashboard shows there") }
        return text
    }

    /// A set, non-empty value: an empty variable counts as not set.
    func text(_ name: String, secret: Bool = false) -> String? {
        let key = ConfigKey(name.lowercased().split(separator: "_").map(String.init))
        let text = config.string(forKey: key, isSecret: secret)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    mutating func fault(_ name: String, _ problem: String) {
        faults.append(SettingFault(name: name, problem: problem))
    }
}
