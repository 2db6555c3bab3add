// SPDX-License-Identifier: MIT
import Connect
import Instagram
import Logging
import Vault

/// Everything an operator decides, checked.
struct Settings: Sendable {
    let app: App
    let publicOrigin: String
    /// Of frontends elsewhere on the same site.
    let allowedOrigins: [String]
    let identity: Identity
    /// Where a visitor signs in who has to.
    let loginURL: String?
    let after: ReturnTo
    let databasePath: String
    let keysPath: String
    let agentsPath: String
    /// Calls to Instagram for new tokens, background and agents together.
    let renewalsPerMinute: Int
    /// What a connected account is subscribed to.
    let webhookFields: [String]
    /// Where to listen; nil: descriptor 0 is the listening socket.
    let socketPath: String?
    let logLevel: Logger.Level
    /// Plain http to Instagram's stand-in, on loopback only.
    let allowsPlainHTTP: Bool
}

/// One thing that is wrong with a setting, and what to do about it.
struct SettingFault: Error, Equatable, CustomStringConvertible {
    let name: String
    let problem: String
    /// Nothing is wrong with it where the service runs; it cannot be had here.
    var isElsewhere = false

    var description: String { "\(name): \(problem)" }
}

/// All of them, so that they are mended in one go.
struct SettingFaults: Error {
    let faults: [SettingFault]
}

extension Identity {
    /// What an operator should know about it.
    var explanation: String {
        switch self {
        case .session: "session: whoever reaches the page may connect an account"
        case .remoteUser: "remote-user: the user whom nginx has authenticated"
        }
    }
}
