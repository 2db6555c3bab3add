// SPDX-License-Identifier: MIT
import Glibc

/// What this machine's nginx says that an installation can use.
struct NginxFacts {
    /// It passes requests to this program.
    var includesUs = false
    /// The names of its TLS servers, without patterns.
    var tlsNames: [String] = []
    /// The user and the group of its workers, if it names them.
    var user: [String] = []

    init() {}

    /// nil: nobody can tell.
    init?(_ source: NginxSource) {
        guard let text = try? source.dump(), let dump = try? NginxDump(text) else { return nil }
        self.init(dump)
    }

    init(_ dump: NginxDump) {
        let site = NginxSite(dump, sockets: [Layout.socket])
        includesUs = !site.publicOnes.isEmpty
        let encrypted = site.servers.filter { $0.listens.contains { $0.arguments.dropFirst().contains("ssl") } }
        tlsNames = Set(encrypted.flatMap(\.names)).filter(Self.isName).sorted()
        user = dump.directives.last { $0.name == "user" }.map { Array($0.arguments) } ?? []
    }

    /// The group of its workers, who have to open the socket: the one it names, or its user's own. nil: it says neither.
    var group: String? {
        if user.count > 1 { return user[1] }
        guard let name = user.first, let entry = getpwnam(name)?.pointee, let own = getgrgid(entry.pw_gid)?.pointee
        else { return nil }
        return String(cString: own.gr_name)
    }

    /// The only one there can be.
    var tlsName: String? { tlsNames.count == 1 ? tlsNames[0] : nil }

    private static func isName(_ name: String) -> Bool {
        name.contains(".") && !name.hasPrefix(".") && HTTPOrigin.split("https://\(name)")?.origin.host == name
    }
}
