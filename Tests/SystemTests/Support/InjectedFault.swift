// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing
import Vault

/// A mistake that people make in an installation, or what becomes of one.
struct InjectedFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Mounting needs a right that a container may not give.
    var mounts = false
    /// Makes it, and says each line that `check` has to say: setting, problem, remedy.
    let inject: @Sendable (Installation) async throws -> [String]

    init(
        _ name: String, mounts: Bool = false, _ inject: @escaping @Sendable (Installation) async throws -> [String]
    ) {
        testDescription = name
        self.mounts = mounts
        self.inject = inject
    }

    static let all = instagram + files + database + nginx + libraries

    private static let dashboard = "API setup with Instagram login in the app's dashboard"
    private static let invalid = "Invalid request: Request parameters are invalid: Invalid"

    private static let instagram = [
        InjectedFault("the Meta app's id instead of the Instagram app's") { at in
            at.environment["META_APP_ID"] = "121212121212121"
            return [
                "META_APP_ID: Instagram knows no app 121212121212121 (\"\(invalid) platform app\");"
                    + " take the Instagram app id from \(dashboard), not the Meta app's"
            ]
        },
        InjectedFault("a redirect URI that is not https") { at in
            at.environment["META_REDIRECT_URI"] = "http://shop.example/auth/instagram/callback"
            for host in ["WWW", "API", "GRAPH"] { at.environment["META_\(host)_URL"] = nil }
            return [
                "META_REDIRECT_URI: has to be https (http only on a loopback host such as localhost):"
                    + " Meta refuses it otherwise"
            ]
        },
        InjectedFault("a slash too many at the end of the redirect URI") { at in
            let uri = at.stage.callback + "/"
            at.environment["META_REDIRECT_URI"] = uri
            return [
                "META_REDIRECT_URI: \(uri) has a slash too many; it ends with /auth/instagram/callback,"
                    + " here and in the app's dashboard"
            ]
        },
        InjectedFault("a base URL with a slash, so that the redirect URI has two") { at in
            let uri = at.stage.origin + "//auth/instagram/callback"
            at.environment["META_REDIRECT_URI"] = uri
            return [
                "META_REDIRECT_URI: \(uri) has a slash too many; it ends with /auth/instagram/callback,"
                    + " here and in the app's dashboard"
            ]
        },
        InjectedFault("a redirect URI that is not registered") { at in
            let uri = at.stage.callback.replacing("localhost", with: "127.0.0.1")
            at.environment["META_REDIRECT_URI"] = uri
            return [
                "META_REDIRECT_URI: Instagram refuses \(uri) (\"\(invalid) redirect_uri\");"
                    + " register it, byte for byte, under \(dashboard)"
            ]
        },
        InjectedFault("permissions of the API that is no more") { at in
            at.environment["META_SCOPES"] = "instagram_business_basic,user_media"
            return [
                "META_SCOPES: Instagram refuses them (\"Invalid Scopes: user_media\");"
                    + " ask only for permissions that the app has"
            ]
        },
        InjectedFault("an authorize URL that leads nowhere") { at in
            try await at.stage.standIn.fail("authorize", "gone")
            return [
                "META_WWW_URL: the authorize URL leads to no login or consent page any more"
                    + " (410 from \(at.stage.standIn.url));"
                    + " install a newer version, or name the host to which Instagram has moved it"
            ]
        },
        InjectedFault("a clock that is an hour ahead") { at in
            let shim = try await ClockShim()
            shim.set(Int64(time(nil)) + 3_600)
            at.environment.merge(shim.environment(at.stage)) { $1 }
            return ["clock: this machine is 3600 s ahead of Instagram; let NTP set it, timedatectl set-ntp true"]
        },
        InjectedFault("a clock that is two minutes behind") { at in
            let shim = try await ClockShim()
            shim.set(Int64(time(nil)) - 120)
            at.environment.merge(shim.environment(at.stage)) { $1 }
            return ["clock: this machine is 120 s behind Instagram; let NTP set it, timedatectl set-ntp true"]
        },
    ]

    private static let files = [
        InjectedFault("no keys") { at in
            try FileManager.default.removeItem(atPath: at.keys)
            return [
                "IG_SHOP_AUTH_KEYS: \(at.keys) cannot be read: No such file or directory; make it, or name another"
            ]
        },
        // Root may read every file, and no directory.
        InjectedFault("a directory in the place of the keys") { at in
            at.environment["IG_SHOP_AUTH_KEYS"] = at.directory
            return ["IG_SHOP_AUTH_KEYS: \(at.directory) is not an ordinary file; name one"]
        },
        InjectedFault("keys that everybody may read") { at in
            chmod(at.keys, 0o644)
            return ["IG_SHOP_AUTH_KEYS: \(at.keys) has mode 644; chmod 0640 or tighter"]
        },
        InjectedFault("a key that is missing for a row") { at in
            try at.write(Keyring.generateLine(id: KeyID("other")!, random: .system) + "\n", to: at.keys, mode: 0o600)
            return ["IG_SHOP_AUTH_KEYS: the key system is missing, and 1 rows need it; put it back"]
        },
        InjectedFault("an agents file with a broken line") { at in
            try at.write("# ours\nbot 0123 *\n", to: at.agents, mode: 0o600)
            return ["IG_SHOP_AUTH_AGENTS: \(at.agents): line 2: the hash is not SHA-256 as 64 of 0-9 a-f"]
        },
        InjectedFault("identity remote-user without the edge secret") { at in
            try at.signIn()
            at.environment["IG_SHOP_AUTH_EDGE"] = nil
            return [
                "IG_SHOP_AUTH_EDGE: is missing; with the identity remote-user nginx sends it along,"
                    + " `ig-shop-auth init` makes one; it belongs in /etc/credstore/ig-shop-auth.edge"
            ]
        },
    ]

    private static let database = [
        InjectedFault("a database that nobody may write to") { at in
            chmod(at.database, 0o400)
            return [
                "IG_SHOP_AUTH_DATABASE: \(at.database) is not readable and writable for this user;"
                    + " give it to the service's user, mode 0600, and run check as that user"
            ]
        },
        InjectedFault("a log of the database that nobody may write to") { at in
            try at.write("", to: at.database + "-wal", mode: 0o400)
            return [
                "IG_SHOP_AUTH_DATABASE: \(at.database)-wal is not readable and writable for this user;"
                    + " give it to the service's user, mode 0600, and run check as that user"
            ]
        },
        InjectedFault("a pipe in the place of the database") { at in
            try FileManager.default.removeItem(atPath: at.database)
            guard mkfifo(at.database, 0o600) == 0 else { throw Missing("no pipe") }
            return ["IG_SHOP_AUTH_DATABASE: \(at.database) is no file; name the database"]
        },
        InjectedFault("a file system that is mounted read-only", mounts: true) { at in
            try FileManager.default.removeItem(atPath: at.database)
            try at.mountDisk(kilobytes: 128 << 10)
            try await at.copyDatabase()
            try await Command.succeed("mount", ["-o", "remount,ro", at.directory + "/db"])
            return [
                "IG_SHOP_AUTH_DATABASE: the file system of \(at.directory)/db is mounted read-only;"
                    + " mount it for writing, or name another"
            ]
        },
        InjectedFault("a database of a newer version") { at in
            try await Command.succeed("sqlite3", [at.database, "INSERT INTO grdb_migrations VALUES ('9999 later')"])
            return [
                "IG_SHOP_AUTH_DATABASE: the database was written by a newer version of ig-shop-auth; install that one"
            ]
        },
        InjectedFault("a disk that is nearly full", mounts: true) { at in
            try FileManager.default.removeItem(atPath: at.database)
            try at.mountDisk(kilobytes: 32 << 10)
            try await at.copyDatabase()
            return [
                "IG_SHOP_AUTH_DATABASE: 31 MiB are free where \(at.database) is, and it may need 64;"
                    + " make room, or move it to a larger disk"
            ]
        },
    ]

    private static let nginx = [
        InjectedFault("$remote_user without auth_basic") { at in
            try at.signIn()
            try at.change(
                "snippets/ig-shop-auth-basic.conf", "auth_basic \"Instagram connection\";", to: "auth_basic off;")
            let line = try at.change(
                "snippets/ig-shop-auth-basic.conf", "fastcgi_param REMOTE_USER $remote_user;",
                to: "fastcgi_param REMOTE_USER $remote_user;")
            return [
                "nginx: \(line): REMOTE_USER is whatever a client typed, because this location has no auth_basic;"
                    + " REMOTE_USER \"\", or include snippets/ig-shop-auth-basic.conf instead"
            ]
        },
        InjectedFault("a log format with the query string") { at in
            let line = try at.change(
                "snippets/ig-shop-auth-fastcgi.conf", "nginx-access.log\" ig_shop_auth;", to: "nginx-access.log\";")
            return [
                "nginx: \(line): the format combined prints $http_referer, and with it the code of a callback;"
                    + " access_log /var/log/nginx/ig-shop-auth.log ig_shop_auth"
            ]
        },
    ]

    /// No old library can be had, so the ones that are linked say that they are old.
    private static let libraries = [
        InjectedFault("libraries below the versions where they were mended") { at in
            at.environment["LD_PRELOAD"] = try await Shims.libraries.value
            return [
                "libraries: OpenSSL 3.0.5 is older than 3.0.7 (CVE-2022-3602, CVE-2022-3786:"
                    + " a certificate overflows a buffer); install that or a later one",
                "libraries: libcurl 7.61.0 is older than 8.1.0 (CVE-2023-28321:"
                    + " a certificate for another host may pass); install that or a later one",
            ]
        }
    ]
}

extension Installation {
    /// Identity `remote-user`, by a password file, as it is shipped.
    func signIn() throws {
        environment["IG_SHOP_AUTH_IDENTITY"] = "remote-user"
        environment["IG_SHOP_AUTH_EDGE"] = ProductionSite.edge
        try write("fastcgi_param IG_EDGE \"\(ProductionSite.edge)\";\n", to: directory + "/edge.conf", mode: 0o600)
        try change("nginx.conf", "snippets/ig-shop-auth.conf;", to: "snippets/ig-shop-auth-basic.conf;")
        try change(
            "snippets/ig-shop-auth-login.conf", "include /etc/nginx/ig-shop-auth-edge.conf;",
            to: "include \(directory)/edge.conf;")
    }
}
