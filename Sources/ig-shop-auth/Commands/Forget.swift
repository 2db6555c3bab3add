// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Glibc
import Instagram
import Logging
import Transfer
import Vault

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Erases a user and everything about their account, while the service is stopped.",
        discussion: """
            The row and the token go, sessions end, and what was written down keeps a random id. Webhooks are taken back \
            at Instagram, if it answers within three seconds. While the service runs, an agent can disconnect a user \
            instead.
            """)

    @Argument(help: "The user, as `ig-shop-auth users` lists them.")
    var user: String

    func run() async throws {
        umask(0o077)
        let settings = try await Complaint.about { try await SettingsReader.read(environment: .current) }
        let keyring = try await Complaint.about { try KeyFile.load(settings.keysPath) }
        let store = try await Complaint.about { try Self.open(settings.databasePath) }
        let transfer = Transfer(limits: TransferLimits(allowsPlainHTTP: settings.allowsPlainHTTP))
        let clock = MachineClock()
        let lettingGo = LettingGo(
            store: store, keys: KeyringInForce(keyring),
            instagram: InstagramAPI(app: settings.app, transport: .live(crowd: transfer, alone: transfer)),
            clock: { clock.now() }, log: Logger(label: "ig-shop-auth") { _ in SwiftLogNoOpLogHandler() })
        try await Complaint.about {
            try await withThrowingTaskGroup { group in
                group.addTask { try await transfer.run() }
                defer { transfer.stop() }
                guard let done = try await lettingGo.erase(user) else {
                    throw Complaint(
                        "there is no user of that name; `ig-shop-auth users` lists them", exit: SysExit.input)
                }
                print("erased: \(done.erased.joined(separator: ", "))")
                print("webhooks: \(done.webhooks ?? "nothing was connected")")
                if done.isHeld { print(Self.held) }
            }
        }
        try await Complaint.about { try store.close() }
    }

    static let held = "another program reads the database, so its log still holds old bytes; the next start empties it"

    static func open(_ path: String) throws -> Store {
        try Records.expect(path)
        try DatabaseOwner.become(of: path)
        do throws(StoreFailure) {
            return try Store(path: path)
        } catch {
            guard case .locked = error else { throw error }
            throw Complaint(
                "IG_SHOP_AUTH_DATABASE: the service is running; stop it first, or let an agent disconnect the user",
                exit: SysExit.unavailable)
        }
    }
}
