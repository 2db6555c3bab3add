// SPDX-License-Identifier: MIT
import Connect
import Glibc

/// What the package and `init` have made: owners, modes, secrets, units.
extension CheckReport {
    /// - Parameter handedOver: Secrets come from elsewhere, and with them whatever else is named elsewhere.
    mutating func installation(_ places: Places, _ identity: Identity?, handedOver: Bool = false) {
        if let account = ServiceAccount(below: places.layout.root) {
            look(at: places, account, handedOver: handedOver)
        } else {
            note("installation: there is no user \(Layout.user), so owners and modes are not looked at")
        }
        edge(EdgePair(places.layout), places, identity)
        // What runs is this machine's.
        if places.layout.root.isEmpty {
            let units = SystemdUnits.ofThisMachine()
            self.units(units)
            loopback(places.layout, hasIPv6: IPv6Loopback.isThere())
            socket(units?.unit(SystemdUnits.socket), NginxFacts(.machine))
        }
    }

    private mutating func look(at places: Places, _ account: ServiceAccount, handedOver: Bool) {
        var hidden = 0
        let before = faults.count
        // The folder is closed for what is in it.
        let operators = [places.keys, places.agents].filter {
            !handedOver || $0.path.hasPrefix(places.layout.folder + "/")
        }
        let directories = (operators.isEmpty ? [] : [places.folder]) + [places.state, places.backups]
        for place in handedOver ? [] : directories {
            if case .absent = PlaceState.look(at: place) {
                fault("\(place.path): is missing; ig-shop-auth init makes it")
            }
        }
        let files =
            [places.environmentFile] + (handedOver ? [] : places.secrets) + places.database
            // A keyring with a fault is told already.
            + operators.filter { $0.path != places.keys.path || !isFaulty(.keys) }
        for place in directories + files {
            switch PlaceState.look(at: place) {
            case .absent: break
            case .unknown: hidden += 1
            case .other:
                fault("\(place.path): is not \(place.kind == .file ? "an ordinary file" : "a directory"); replace it")
            case .there(let state):
                guard !state.isAsItHasToBe(place, account) else { continue }
                fault(
                    "\(place.path): has owner \(state.user), group \(state.group) and mode \(Place.octal(state.mode));"
                        + " \(place.remedy)")
            }
        }
        if !handedOver, let why = SafeDirectory.fault(places.layout.credentialStore),
            !places.secrets.allSatisfy(\.isAbsent)
        {
            fault("\(places.layout.credentialStore): is no place for secrets: \(why); chown root, chmod 0700")
        }
        if hidden > 0 {
            note("installation: this user does not see \(hidden) of its files; root does")
        } else if faults.count == before {
            good("installation", "owners and modes are as ig-shop-auth init makes them")
        }
    }

    private mutating func edge(_ pair: EdgePair, _ places: Places, _ identity: Identity?) {
        guard case .remoteUser? = identity else { return }
        let path = places.secret(.edge).path
        if pair.differ {
            fault(
                "edge secret: \(path) and \(places.layout.nginxEdge) differ, so that nobody is signed in;"
                    + " rm \(places.layout.nginxEdge) && ig-shop-auth init && systemctl reload nginx")
        }
        if let why = pair.nginx.fault { fault("edge secret: \(why)") }
    }

    mutating func loopback(_ layout: Layout, hasIPv6: Bool) {
        guard !hasIPv6, let remedy = IPv6Loopback.remedy(layout) else { return }
        fault("\(layout.nginxPrivate): this machine has no ::1, and nginx does not start with it; \(remedy)")
    }

    /// nginx's workers have to find the socket, and to open it.
    mutating func socket(_ unit: SystemdUnits.Unit?, _ facts: NginxFacts?) {
        let path = unit?.listensAt ?? Layout.socket
        var status = stat()
        guard stat(path, &status) == 0 else {
            // Whoever listens goes on without the name, and nobody can connect any more.
            if errno == ENOENT, unit?.isRunning == true {
                fault(
                    "\(path): is gone, so that nginx cannot reach the service;"
                        + " systemctl restart \(SystemdUnits.socket) \(SystemdUnits.service)")
            }
            return
        }
        guard let name = facts?.group, let group = getgrnam(name)?.pointee else { return }
        if status.st_mode & S_IFMT != S_IFSOCK || status.st_gid != group.gr_gid || status.st_mode & 0o067 != 0o060 {
            fault(
                "\(path): nginx, of the group \(name), does not open it, or others do (group \(status.st_gid),"
                    + " mode \(Place.octal(status.st_mode))); ig-shop-auth init, and what it says")
        }
    }

    private mutating func units(_ units: SystemdUnits?) {
        guard let units, !units.units.isEmpty else { return }
        for line in units.faults { fault("systemd: \(line)") }
        good("systemd", units.units.map { "\($0.name) \($0.state)" }.joined(separator: ", "))
    }
}

extension Place {
    fileprivate var isAbsent: Bool { if case .absent = PlaceState.look(at: self) { true } else { false } }
}
