// SPDX-License-Identifier: MIT
import Configuration
import SystemPackage

/// Where settings are looked for. The first place that has one counts; an empty value is none.
struct SettingSources: Sendable {
    /// Names another file of settings, or none if it is empty: for tests and development beside an installed service.
    static let fileVariable = "IG_SHOP_AUTH_ENV_FILE"

    /// systemd's credentials directory, inside a service.
    private let credentials: ConfigReader?
    private let environment: ConfigReader
    /// Outside a service.
    private let store: CredentialStore?
    private let file: ConfigReader?
    /// Of the file; nil: no file is read.
    let filePath: String?
    /// The settings are those of the installed service.
    let isInstalled: Bool
    /// What keeps the file from being read.
    private(set) var faults: [SettingFault] = []
    /// Names in the file, sorted.
    private(set) var namesInFile: [String] = []
    private let isService: Bool
    /// Who started this brings the secrets along: a unit, or a container with files of its own.
    let areSecretsHandedOver: Bool

    init(environment: [String: String], layout: Layout) async throws {
        self.environment = Self.reader(environment)
        isService = environment["INVOCATION_ID"] != nil
        if let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty {
            credentials = ConfigReader(
                provider: try await DirectoryFilesProvider(directoryPath: FilePath(directory), allowMissing: true))
        } else {
            credentials = nil
        }
        areSecretsHandedOver = credentials != nil
        let named = environment[Self.fileVariable]
        isInstalled = named == nil
        filePath = named.map { $0.isEmpty ? nil : $0 } ?? layout.environmentFile
        // Who names another file is not the installed service, and has none of its secrets.
        store = credentials == nil && named == nil ? CredentialStore(directory: layout.credentialStore) : nil
        guard let filePath else {
            file = nil
            return
        }
        do {
            let bytes = try SmallFile.read(filePath, limit: EnvironmentFile.limit)
            let values = try EnvironmentFile(parsing: bytes).values
            namesInFile = values.keys.sorted()
            file = Self.reader(values)
        } catch let fault as EnvironmentFile.Fault {
            file = nil
            faults = [SettingFault(name: "\(filePath):\(fault.line)", problem: fault.description)]
        } catch let failure as SmallFile.Failure {
            file = nil
            if failure.isAbsence, named == nil { return }
            let remedy = failure.isRefusal ? "run this as root" : "name another by \(Self.fileVariable)"
            faults = [SettingFault(name: filePath, problem: "cannot be read: \(failure.text); \(remedy)")]
        }
    }

    private static func reader(_ values: [String: String]) -> ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values))
    }

    /// A set, non-empty value.
    /// - Throws: The secret is there, and this user may not read it.
    func text(_ setting: Setting) throws(SmallFile.Failure) -> String? {
        if let credentials {
            let short = setting.credential.flatMap { Self.text(Self.key($0, "-"), setting, credentials) }
            if let text = short ?? Self.text(Self.key(setting.name, "_"), setting, credentials) { return text }
        }
        let key = Self.key(setting.name, "_")
        if let text = Self.text(key, setting, environment) { return text }
        if let text = try store?.text(setting) { return text }
        return file.flatMap { Self.text(key, setting, $0) }
    }

    /// The file of a secret that is there for the service alone.
    func encrypted(_ setting: Setting) -> String? { store?.encrypted(setting) }

    private static func key(_ name: String, _ separator: Character) -> ConfigKey {
        ConfigKey(name.lowercased().split(separator: separator).map(String.init))
    }

    private static func text(_ key: ConfigKey, _ setting: Setting, _ reader: ConfigReader) -> String? {
        let text = reader.string(forKey: key, isSecret: setting.credential != nil)
        return text.flatMap { $0.isEmpty ? nil : $0 }
    }

    // MARK: What check says

    /// Secrets where others may see them.
    var exposed: [SettingFault] {
        Setting.allCases.compactMap { setting in
            guard let credential = setting.credential else { return nil }
            let key = Self.key(setting.name, "_")
            let remedy = "; move it to \(setting.place)"
            if let filePath, let file, Self.text(key, setting, file) != nil {
                return SettingFault(
                    name: setting.name, problem: "is in \(filePath), which is for no secrets\(remedy)")
            }
            if isService, Self.text(key, setting, environment) != nil {
                return SettingFault(
                    name: setting.name,
                    problem: "is in the environment of a systemd service; use a credential named \(credential)")
            }
            return nil
        }
    }

    /// Names of the file that look like settings and are none.
    var unknownNames: [String] {
        namesInFile.filter {
            ($0.hasPrefix("META_") || $0.hasPrefix("IG_SHOP_AUTH_")) && Setting(rawValue: $0) == nil
        }
    }
}

extension Setting {
    /// The file where an installed service has it.
    var place: String {
        CredentialStore(directory: Layout.machine.credentialStore).path(self) ?? Layout.machine.environmentFile
    }
}
