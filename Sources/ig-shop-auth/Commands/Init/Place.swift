// SPDX-License-Identifier: MIT
import Glibc

/// A file or directory of an installed service, and who may do what with it: what `init` makes and `check` looks at.
struct Place {
    enum Kind { case directory, file }
    enum Who { case root, service }

    let path: String
    let kind: Kind
    let owner: Who
    let group: Who
    let mode: mode_t

    static func directory(_ path: String, _ owner: Who, _ group: Who, _ mode: mode_t) -> Place {
        Place(path: path, kind: .directory, owner: owner, group: group, mode: mode)
    }

    static func file(_ path: String, _ owner: Who, _ group: Who, _ mode: mode_t) -> Place {
        Place(path: path, kind: .file, owner: owner, group: group, mode: mode)
    }

    func user(_ account: ServiceAccount) -> uid_t { owner == .root ? 0 : account.user }
    func group(_ account: ServiceAccount) -> gid_t { group == .root ? 0 : account.group }

    /// What makes it as it has to be.
    var remedy: String {
        let names = [owner, group].map { $0 == .root ? "root" : Layout.user }
        return "chown \(names[0]):\(names[1]) \(path) && chmod \(Self.octal(mode)) \(path)"
    }

    static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o7777, radix: 8) }
}

/// The places of one machine, each before what is in it.
struct Places {
    let layout: Layout
    /// As the settings name them, below the layout's root.
    let keys: Place
    let agents: Place

    init(_ layout: Layout, keys: String = Layout.machine.keys, agents: String = Layout.machine.agents) {
        self.layout = layout
        self.keys = .file(layout.root + keys, .root, .service, 0o640)
        self.agents = .file(layout.root + agents, .root, .service, 0o640)
    }

    var folder: Place { .directory(layout.folder, .root, .service, 0o750) }
    var environmentFile: Place { .file(layout.environmentFile, .root, .root, 0o644) }
    var state: Place { .directory(layout.state, .service, .service, 0o700) }
    var backups: Place { .directory(layout.backups, .service, .service, 0o700) }
    var credentialStore: Place { .directory(layout.credentialStore, .root, .root, 0o700) }
    var socketUnit: Place { .directory(layout.socketUnit, .root, .root, 0o755) }
    var socketGroup: Place { .file(layout.socketGroup, .root, .root, 0o644) }
    var nginxEdge: Place { .file(layout.nginxEdge, .root, .root, 0o600) }
    /// The state's own, from its first start on.
    var database: [Place] {
        ["", "-wal", "-shm", ".lock"].map { .file(layout.database + $0, .service, .service, 0o600) }
    }

    func secret(_ setting: Setting) -> Place {
        let store = CredentialStore(directory: layout.credentialStore)
        return .file(store.path(setting) ?? "", .root, .root, 0o600)
    }

    /// Of every secret, the edge secret in both of its places.
    var secrets: [Place] { Setting.allCases.filter { $0.credential != nil }.map(secret) + [nginxEdge] }
}
