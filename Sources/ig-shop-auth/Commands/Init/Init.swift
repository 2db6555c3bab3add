// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Glibc
import Instagram
import Vault

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes keys, secrets and directories of an installed service, and says what is left to do.",
        discussion: """
            Run it as root, as often as you like: what is there is kept, and at most closed to those who should not read \
            it. It asks nothing. `check` verifies the same afterwards.
            """)

    @Option(help: ArgumentHelp("Works on the system below DIR, and asks nothing that runs.", valueName: "dir"))
    var root: String?

    func run() async throws {
        umask(0o077)
        try await Complaint.about {
            guard geteuid() == 0 else {
                throw Complaint("init makes files of root's; run it as root", exit: SysExit.noPermission)
            }
            let layout = Layout(root: try Self.path(of: root))
            guard let account = ServiceAccount(below: layout.root) else {
                throw Complaint(
                    "there is no user \(Layout.user); the package makes it, and so does: useradd --system"
                        + " --home-dir \(Layout.machine.state) --shell /usr/sbin/nologin \(Layout.user)",
                    exit: SysExit.unavailable)
            }
            let machine = layout.root.isEmpty
            var work = Initialisation(
                layout, account, nginx: machine ? NginxFacts(.machine) : nil,
                units: machine ? SystemdUnits.ofThisMachine() : .stopped,
                hasIPv6: machine ? IPv6Loopback.isThere() : true)
            for line in try await work.run() { print(line) }
        }
    }

    /// Without links, as it is walked; empty for this machine.
    private static func path(of root: String?) throws -> String {
        guard let root else { return "" }
        guard let real = realpath(root, nil) else {
            throw Complaint("\(root): \(String(cString: strerror(errno)))", exit: SysExit.input)
        }
        defer { free(real) }
        let path = String(cString: real)
        return path == "/" ? "" : path
    }
}

/// One run of `init`.
struct Initialisation {
    private let layout: Layout
    private var installer: Installer
    private var open: [String] = []
    private var nginxHasNews = false
    private let nginx: NginxFacts?
    private let units: SystemdUnits?
    private let hasIPv6: Bool

    /// - Parameters:
    ///   - nginx: nil: nobody can tell.
    ///   - units: nil: no systemd runs.
    ///   - hasIPv6: Its loopback, or nobody can tell.
    init(
        _ layout: Layout, _ account: ServiceAccount, nginx: NginxFacts? = nil, units: SystemdUnits? = .stopped,
        hasIPv6: Bool = true
    ) {
        self.layout = layout
        self.nginx = nginx
        self.units = units
        self.hasIPv6 = hasIPv6
        installer = Installer(account)
    }

    mutating func run() async throws -> [String] {
        let first = Places(layout)
        // The folder before what is read in it.
        installer.directory(first.folder)
        installer.file(first.environmentFile) { Setting.shippedFile }
        // What root's environment says does not reach the service.
        let sources = try await SettingSources(environment: [:], layout: layout)
        let (settings, _) = SettingsReader.look(sources)
        let places = Places(layout, keys: settings.keysPath, agents: settings.agentsPath)
        keys(places, layout.root + settings.databasePath)
        installer.file(places.agents) { Self.agents }
        installer.directory(places.state)
        installer.directory(places.backups)
        if settings.databasePath == Layout.machine.database { for file in places.database { installer.tighten(file) } }
        // Once it is there it is the system's, with other services' secrets.
        if case .absent = PlaceState.look(at: places.credentialStore) { installer.directory(places.credentialStore) }
        for setting in [Setting.appSecret, .extraSecrets] { installer.tighten(places.secret(setting)) }
        let isRemoteUser = NginxNeeds(identity: settings.identity).isRemoteUser
        edge(places, isRemoteUser: isRemoteUser)
        let hasNewGroup = socketGroup(places)
        if !hasIPv6, let remedy = IPv6Loopback.remedy(layout) {
            open.append("This machine has no ::1, and nginx does not start while it is to listen there:\n\(remedy)")
        }

        let (now, faults) = SettingsReader.look(try await SettingSources(environment: [:], layout: layout))
        let left = LeftToDo(
            LeftToDo.Facts(
                faults: faults.filter { !$0.isElsewhere }, origin: now.publicOrigin.isEmpty ? nil : now.publicOrigin,
                open: installer.open + open, nginx: nginx, nginxHasNews: nginxHasNews,
                isRemoteUser: isRemoteUser, units: units, socketHasNews: hasNewGroup))
        return installer.lines + [""] + left.lines
    }

    /// A new keyring beside an old database would look as if all were well.
    private mutating func keys(_ places: Places, _ database: String) {
        if case .absent = PlaceState.look(at: places.keys), access(database, F_OK) == 0 {
            open.append("Put the keyring back at \(places.keys.path): nothing else opens the tokens in \(database)")
            return
        }
        installer.file(places.keys) {
            """
            # The keyring: a name and 32 bytes a line. The first signs and seals, the first two verify cookies, all of them
            # open tokens. Without its key a token is gone: keep a copy apart from the database.
            \(Keyring.generateLine(id: KeyID(Keys.Generate.today())!, random: .system))

            """
        }
    }

    private static let agents = """
        # Agents, one a line: NAME SHA-256 USERS. This makes a key and prints its line: ig-shop-auth agent-key NAME --users '*'
        # After a change: systemctl reload ig-shop-auth

        """

    /// For an nginx whose workers are in another group than Debian's.
    /// - Returns: It was made.
    private mutating func socketGroup(_ places: Places) -> Bool {
        guard let group = nginx?.group, group != Layout.nginxGroup,
            access(SafeDirectory.parent(of: layout.socketUnit), F_OK) == 0
        else { return false }
        guard case .absent = PlaceState.look(at: places.socketGroup) else {
            installer.tighten(places.socketGroup)
            return false
        }
        guard installer.directory(places.socketUnit) else { return false }
        return installer.file(places.socketGroup) {
            """
            # The group of nginx, as its configuration says: its workers open the socket.
            [Socket]
            SocketGroup=\(group)

            """
        }
    }

    private mutating func edge(_ places: Places, isRemoteUser: Bool) {
        let pair = EdgePair(layout)
        let hasNginx = access(layout.nginx, F_OK) == 0
        open += [pair.service.fault, pair.nginx.fault].compactMap(\.self)
        let secret = pair.service.secret ?? pair.nginx.secret
        // Beside one that cannot be read, a new one would be another one.
        let mayGenerate = pair.service.isAbsent && pair.nginx.isAbsent
        let one = secret ?? (mayGenerate ? EdgePair.generate() : nil)
        if let one {
            if !pair.service.isHidden { installer.file(places.secret(.edge)) { one.exposedText() + "\n" } }
            if hasNginx {
                installer.file(places.nginxEdge) { EdgePair.line(one) }
                nginxHasNews = pair.nginx.isAbsent && isRemoteUser
            }
        }
        if pair.differ {
            open.append(
                """
                \(places.secret(.edge).path) and \(layout.nginxEdge) differ, so that nobody is signed in. This makes the \
                second from the first:
                rm \(layout.nginxEdge) && ig-shop-auth init
                """)
        }
    }
}
