// SPDX-License-Identifier: MIT

/// What only a person can do, in the order in which it is done, each with what to type.
struct LeftToDo {
    /// What `init` found out.
    struct Facts {
        /// Faults of settings by name, as the service would meet them.
        var faults: [SettingFault] = []
        /// The origin of the redirect URI.
        var origin: String?
        /// What could not be made or mended.
        var open: [String] = []
        /// nil: not on this machine, or nobody can tell.
        var nginx: NginxFacts?
        /// nginx reads a file that was made only now.
        var nginxHasNews = false
        /// nginx has to sign people in.
        var isRemoteUser = false
        /// nil: no systemd runs.
        var units: SystemdUnits?
        /// Its unit was changed now.
        var socketHasNews = false
    }

    let steps: [String]

    init(_ facts: Facts) {
        var steps = facts.open
        let faults = Dictionary(facts.faults.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let file = Layout.machine.environmentFile
        let name = facts.origin ?? facts.nginx?.tlsName.map { "https://\($0)" }
        if faults[Setting.appID.name]?.isMissing == true {
            steps.append(
                """
                Write the Instagram app's id into \(file); the app's dashboard shows it under API setup with Instagram \
                login:
                META_APP_ID=ID
                """)
        }
        if faults[Setting.redirectURI.name]?.isMissing == true {
            steps.append(
                """
                Write the address of the callback into \(file), and register the same with the app:
                META_REDIRECT_URI=\(name ?? "https://YOUR.HOST")/auth/instagram/callback
                """)
        }
        if faults[Setting.appSecret.name]?.isMissing == true {
            steps.append(
                """
                Keep the Instagram app's secret: type this, paste it, then Enter and Ctrl-D:
                install -m 0600 /dev/stdin \(Setting.appSecret.place)
                """)
        }
        let told = [Setting.appID, .redirectURI, .appSecret].map(\.name)
        steps += facts.faults.filter { !told.contains($0.name) || !$0.isMissing }.map { "Mend \($0)" }
        let isIncluded = facts.nginx?.includesUs ?? false
        if !isIncluded {
            steps.append(
                """
                Write into the TLS server of nginx\(facts.nginx?.tlsName.map { ", \($0)," } ?? ""), the last line also \
                into a server of the same name for plain HTTP, and look at it with nginx -t:
                \(Self.include(facts))
                """)
        }
        if facts.socketHasNews { steps.append("systemctl daemon-reload && systemctl restart \(SystemdUnits.socket)") }
        if let units = facts.units, !units.units.isEmpty {
            if let start = units.start { steps.append(start) }
        } else {
            steps.append("Start the service, as the user \(Layout.user):\nig-shop-auth serve")
        }
        if !isIncluded || facts.nginxHasNews { steps.append("systemctl reload nginx") }
        steps.append("ig-shop-auth check")
        steps.append("Open \(name ?? "https://YOUR.HOST")/auth/instagram/settings")
        self.steps = steps
    }

    /// All that `check` wants in that server: nginx refuses some requests before any location, and the log's format has
    /// no code of a callback in it.
    private static func include(_ facts: Facts) -> String {
        """
        \(facts.isRemoteUser
            ? "include snippets/ig-shop-auth-basic.conf;  # or -request.conf, -certificate.conf"
            : "include snippets/ig-shop-auth.conf;")
        include snippets/ig-shop-auth-early-errors.conf;
        access_log /var/log/nginx/ig-shop-auth.log ig_shop_auth;
        """
    }

    /// Numbered, what is to be typed on lines of its own.
    var lines: [String] {
        ["Left to do:"]
            + steps.enumerated().flatMap { number, step in
                step.split(separator: "\n").enumerated().map { $0 == 0 ? "\(number + 1). \($1)" : "       \($1)" }
            }
    }
}

extension SettingFault {
    var isMissing: Bool { problem.hasPrefix("is missing") }
}
