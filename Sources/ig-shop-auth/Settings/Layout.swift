// SPDX-License-Identifier: MIT

/// Where the package, `init` and the units have their files.
struct Layout: Sendable {
    static let machine = Layout()

    /// Below which the machine is; empty for this one.
    var root = ""

    var folder: String { root + "/etc/ig-shop-auth" }
    var environmentFile: String { folder + "/ig-shop-auth.env" }
    var keys: String { folder + "/keys" }
    var agents: String { folder + "/agents" }
    /// Where systemd looks for credentials that a unit names without a directory (systemd.exec(5), LoadCredential=).
    var credentialStore: String { root + "/etc/credstore" }
    var nginx: String { root + "/etc/nginx" }
    /// The edge secret, as nginx's master process reads it.
    var nginxEdge: String { nginx + "/ig-shop-auth-edge.conf" }
    var nginxPrivate: String { nginx + "/conf.d/ig-shop-auth_private.conf" }
    var state: String { root + "/var/lib/ig-shop-auth" }
    var database: String { state + "/ig-shop-auth.sqlite3" }
    var backups: String { root + "/var/backups/ig-shop-auth" }

    /// What an administrator adds to the socket's unit (systemd.unit(5)).
    var socketUnit: String { root + "/etc/systemd/system/ig-shop-auth.socket.d" }
    var socketGroup: String { socketUnit + "/group.conf" }

    /// Of Debian's nginx, which the socket's unit names.
    static let nginxGroup = "www-data"
    static let user = "ig-shop-auth"
    static let socket = "/run/ig-shop-auth/ig-shop-auth.sock"
}
