// SPDX-License-Identifier: MIT
import Connect
import Testing
import Vault

@testable import ig_shop_auth

/// Each rule of `check` against the shipped files, and against the same files with one line spoilt.
@Suite
struct NginxRuleTests {
    struct Spoilt: Sendable, CustomTestStringConvertible {
        let rule: String
        let file: String
        let old: String
        let new: String
        var login = ""
        var testDescription: String { "\(rule): \(new.isEmpty ? "without \(old)" : new)" }
    }

    private static func spoilt(
        _ rule: String, in file: String, _ old: String, _ new: String, login: String = ""
    ) -> Spoilt {
        Spoilt(rule: rule, file: file, old: old, new: new, login: login)
    }

    private static let conf = "conf.d/ig-shop-auth.conf"
    private static let listener = "conf.d/ig-shop-auth_private.conf"
    private static let session = "snippets/ig-shop-auth.conf"
    private static let fastcgi = "snippets/ig-shop-auth-fastcgi.conf"
    private static let common = "snippets/ig-shop-auth-public.conf"
    private static let basic = "snippets/ig-shop-auth-basic.conf"
    private static let request = "snippets/ig-shop-auth-request.conf"
    private static let certificate = "snippets/ig-shop-auth-certificate.conf"
    private static let nobody = "fastcgi_param REMOTE_USER \"\";"
    private static let lookup = "auth_request_set $ig_shop_auth_user $upstream_http_x_auth_request_user;"
    private static let proven = "a user who is proven"
    private static let told = "the application is not told the code"
    private static let logged = "no access log has a code"

    private static let surfaces = [
        spoilt("a location says which surface it is", in: common, "fastcgi_param IG_SURFACE public;", ""),
        spoilt("a location says which surface it is", in: common, "IG_SURFACE public", "IG_SURFACE $http_x"),
        spoilt("the private surface is on loopback", in: listener, "listen 127.0.0.1:9180;", "listen 9180;"),
        spoilt("the private surface is on loopback", in: listener, "listen [::1]:9180;", "listen [::]:9180;"),
        spoilt("the private surface is on loopback", in: common, "IG_SURFACE public", "IG_SURFACE private"),
        spoilt("the public surface is below /auth/instagram", in: session, "^~ /auth/instagram/ {", "/ {"),
        spoilt(
            "the public surface is below /auth/instagram", in: session, "^~ /auth/instagram/ {", "^~ /auth/instagram {"),
        spoilt("the public surface is below /auth/instagram", in: session, "^~ /auth/instagram/", "~ /auth/instagram/"),
        spoilt("nothing that a client invents arrives", in: fastcgi, "fastcgi_pass_request_headers off;", ""),
        spoilt("nothing that a client invents arrives", in: fastcgi, "request_headers off", "request_headers on"),
        spoilt(
            "no general list of parameters", in: common, "limit_req_status", "include fastcgi_params; limit_req_status"),
        spoilt(
            "no parameter outside the list", in: fastcgi, "$request_method;",
            "$request_method; fastcgi_param HTTP_PROXY $http_proxy;"),
        spoilt(
            "no parameter outside the list", in: common, "limit_req_status",
            "fastcgi_param HTTP_AUTHORIZATION $http_authorization; limit_req_status"),
    ]

    private static let identities = [
        spoilt("one REMOTE_USER line a location", in: session, nobody, nobody + nobody),
        spoilt(proven, in: session, nobody, "fastcgi_param REMOTE_USER $remote_user;"),
        spoilt(proven, in: session, nobody, "fastcgi_param REMOTE_USER $http_x_user;"),
        spoilt(proven, in: session, nobody, "fastcgi_param REMOTE_USER admin;"),
        spoilt(proven, in: session, nobody, "fastcgi_param REMOTE_USER $ssl_client_s_dn;"),
        spoilt(proven, in: basic, "auth_basic \"Instagram connection\";", "auth_basic off;", login: "-basic"),
        spoilt(proven, in: basic, "auth_basic \"Instagram connection\";", "auth_basic $realm;", login: "-basic"),
        spoilt(proven, in: basic, "auth_basic \"Instagram connection\";", "", login: "-basic"),
        spoilt(proven, in: "snippets/ig-shop-auth-login.conf", "satisfy all;", "satisfy any;", login: "-basic"),
        spoilt(proven, in: request, "auth_request /ig-shop-auth-whoami;", "", login: "-request"),
        spoilt(proven, in: request, "auth_request /ig-shop-auth-whoami;", "auth_request off;", login: "-request"),
        spoilt(
            proven, in: request, lookup, "auth_request_set $ig_shop_auth_user $http_x_auth_request_user;",
            login: "-request"),
        spoilt(proven, in: request, lookup, "set $ig_shop_auth_user $http_x_auth_request_user;", login: "-request"),
        spoilt(proven, in: request, lookup, "auth_request_set $ig_shop_auth_user admin;", login: "-request"),
        spoilt(proven, in: certificate, "ssl_verify_client optional;", "", login: "-certificate"),
        spoilt(proven, in: certificate, "optional;", "optional_no_ca;", login: "-certificate"),
        spoilt(proven, in: conf, "\"~^SUCCESS(", "\"~^(", login: "-certificate"),
        spoilt(told, in: request, "Host $host;", "X-Original-URI $request_uri;", login: "-request"),
        spoilt(told, in: request, "/whoami;", "/whoami?uri=$request_uri;", login: "-request"),
        spoilt(told, in: request, "proxy_pass_request_headers off;", "", login: "-request"),
        spoilt("identity and logins agree", in: ShippedNginx.site, "auth-basic.conf;", "auth.conf;", login: "-basic"),
        spoilt("identity and logins agree", in: ShippedNginx.site, "auth.conf;", "auth-basic.conf;"),
        spoilt(
            "the edge secret is sent", in: "snippets/ig-shop-auth-login.conf",
            "include /etc/nginx/ig-shop-auth-edge.conf;", "", login: "-request"),
        spoilt(
            "the edge secret is ours", in: "ig-shop-auth-edge.conf", "IG_EDGE \"A", "IG_EDGE \"B", login: "-certificate"
        ),
    ]

    private static func named(_ other: String) -> String { "server_name shop.example.com \(other);" }

    private static let others = [
        spoilt(logged, in: conf, "\"$ig_shop_auth_logged_path\"", "\"$request\""),
        spoilt(logged, in: conf, "\"$ig_shop_auth_logged_path\"", "\"$uri?${args}\""),
        spoilt(logged, in: conf, "$bytes_sent", "$bytes_sent \"$http_referer\""),
        spoilt(logged, in: conf, "default                                $uri;", "default $request_uri;"),
        spoilt(logged, in: fastcgi, "nginx/ig-shop-auth.log ig_shop_auth;", "nginx/access.log;"),
        spoilt(logged, in: fastcgi, "ig-shop-auth.log ig_shop_auth;", "access.log combined buffer=32k;"),
        spoilt(logged, in: ShippedNginx.site, "access_log /var/log/nginx/ig-shop-auth.log ig_shop_auth;", ""),
        spoilt("no error log has a code", in: common, "error_log stderr emerg;", ""),
        spoilt("no error log has a code", in: common, "error_log stderr emerg;", "error_log stderr alert;"),
        spoilt("no error log has a code", in: common, "error_log stderr emerg;", "error_log /var/log/nginx/error.log;"),
        spoilt(
            "a crash is asked again", in: fastcgi, "fastcgi_pass ig_shop_auth;",
            "fastcgi_pass unix:/run/ig-shop-auth/ig-shop-auth.sock;"),
        spoilt("the socket is never held for dead", in: conf, " max_fails=0;", ";"),
        spoilt("nothing slow is sent twice", in: fastcgi, "fastcgi_next_upstream error;", ""),
        spoilt("nothing slow is sent twice", in: fastcgi, "next_upstream error;", "next_upstream error timeout;"),
        spoilt(
            "nothing slow is sent twice", in: fastcgi, "next_upstream error;", "next_upstream error non_idempotent;"),
        spoilt("no connection is kept", in: fastcgi, "keep_conn off", "keep_conn on"),
        spoilt("nginx waits as long as a flow takes", in: fastcgi, "read_timeout 60s", "read_timeout 51s"),
        spoilt("nginx waits as long as a flow takes", in: fastcgi, "read_timeout 60s", "read_timeout 5000ms"),
        spoilt("nginx gives up before systemd does", in: fastcgi, "read_timeout 60s", "read_timeout 90s"),
        spoilt("nginx gives up before systemd does", in: fastcgi, "read_timeout 60s", "read_timeout 1h"),
        spoilt("one name answers", in: ShippedNginx.site, "server_name shop.example.com;", named("www.example.com")),
        spoilt("one name answers", in: ShippedNginx.site, "server_name shop.example.com;", named("~.")),
        spoilt("one name answers", in: ShippedNginx.site, "server_name shop.example.com;", named("*.example.com")),
        spoilt("a body is at most 16 KiB", in: fastcgi, "client_max_body_size 16k;", ""),
        spoilt("a body is at most 16 KiB", in: fastcgi, "max_body_size 16k", "max_body_size 0"),
        spoilt("a body is at most 16 KiB", in: fastcgi, "max_body_size 16k", "max_body_size 17k"),
        spoilt("a request comes whole", in: fastcgi, "request_buffering on", "request_buffering off"),
        spoilt("header lines fit", in: ShippedNginx.main, "http {", "http { large_client_header_buffers 8 8k;"),
    ]

    private static func needs(_ login: String) -> NginxNeeds {
        NginxNeeds(
            identity: login.isEmpty ? .session : .remoteUser(edge: EdgeSecret(utf8: ShippedNginx.edge)),
            publicHost: "shop.example.com", mode: { _ in 0o100600 })
    }

    @Test("The shipped files have no fault, with each kind of login", arguments: ShippedNginx.logins)
    func good(_ login: String) throws {
        let site = try ShippedNginx(login).read()
        #expect(NginxRule.faults(in: site, Self.needs(login)) == [])
        #expect(site.publicOnes.count == (login.isEmpty ? 2 : 8))
        #expect(site.ours.count == site.publicOnes.count + 1)
        #expect(site.upstreams.count == 1)
    }

    @Test("One spoilt line is a fault, told with file, line and remedy", arguments: surfaces + identities + others)
    func bad(_ spoilt: Spoilt) throws {
        var files = try ShippedNginx(spoilt.login)
        try files.change(spoilt.file, spoilt.old, spoilt.new)
        let site = try files.read()
        let rule = try #require(NginxRule.all.first { $0.name == spoilt.rule })
        let found = rule.find(site, Self.needs(spoilt.login))
        #expect(!found.isEmpty)
        for fault in found {
            #expect(fault.file.hasPrefix("/etc/nginx/") && fault.line > 0)
            #expect(!fault.description.contains(ShippedNginx.edge))
            #expect(fault.description.contains("; "))
        }
    }

    @Test(
        "A name that only this machine or a proxy uses is no fault, nor is any where the public one is not heard",
        arguments: ["_", "\"\"", "localhost", "127.0.0.1", "shop.local", "front.internal", "SHOP.example.com"])
    func names(_ name: String) throws {
        var files = try ShippedNginx("")
        try files.change(ShippedNginx.site, "server_name shop.example.com;", Self.named(name))
        #expect(NginxRule.faults(in: try files.read(), Self.needs("")) == [])
        var proxied = try ShippedNginx("")
        try proxied.change(ShippedNginx.site, "server_name shop.example.com;", "server_name front.example.com \(name);")
        #expect(NginxRule.faults(in: try proxied.read(), Self.needs("")) == [])
    }

    @Test("Each rule has a spoilt line")
    func every() {
        let spoilt = Set((Self.surfaces + Self.identities + Self.others).map(\.rule))
        let elsewhere: Set = ["the edge secret is root's alone"]
        #expect(spoilt.union(elsewhere) == Set(NginxRule.all.map(\.name)))
    }

    @Test("The line of a fault is the line that is wrong")
    func line() throws {
        var files = try ShippedNginx("")
        try files.change(Self.fastcgi, "fastcgi_keep_conn off", "fastcgi_keep_conn on")
        let text = try #require(files.files.first { $0.name == Self.fastcgi }).text
        let line = try #require(
            text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
                $0.hasPrefix("fastcgi_keep_conn")
            })
        let faults = NginxRule.faults(in: try files.read(), NginxNeeds())
        #expect(
            faults.map(\.description) == [
                "/etc/nginx/\(Self.fastcgi):\(line + 1): kept connections only wait in this program; fastcgi_keep_conn off"
            ])
    }

    @Test("A directive without its argument is no crash", arguments: ShippedNginx.logins)
    func bare(_ login: String) throws {
        var names: Set<String> = []
        for (_, text) in try ShippedNginx(login).files {
            names.formUnion(text.matches(of: /(?m)^ *([a-z_]+) [^{};\n]*;/).map { String($0.1) })
        }
        #expect(names.count > 30)
        for name in names where name != "include" {
            var files = try ShippedNginx(login)
            for (file, text) in files.files {
                for line in text.matches(of: /(?m)^ *([a-z_]+) [^{};\n]*;/) where line.1 == name {
                    try? files.change(file, String(line.0), "\(name);")  // one that stands twice is changed already
                }
            }
            _ = NginxRule.faults(in: try files.read(), Self.needs(login))
        }
    }

    @Test("A lone server, in an upstream of any name that leads to our socket", arguments: ["ig_shop_auth", "other"])
    func lone(_ name: String) throws {
        let dump = """
            # configuration file /etc/nginx/nginx.conf:
            http {
                upstream \(name) { server unix:/run/ig-shop-auth/ig-shop-auth.sock max_fails=0; }
            }
            """
        let site = NginxSite(try NginxDump(dump), sockets: ["/run/ig-shop-auth/ig-shop-auth.sock"])
        let faults = NginxRule.faults(in: site, NginxNeeds()).map(\.description)
        #expect(faults.count == 1 && faults[0].hasPrefix("/etc/nginx/nginx.conf:2: a lone server is never tried again"))
    }

    @Test("An edge secret that others can read is a fault", arguments: [0o644, 0o640, 0o604, 0o660] as [UInt32])
    func mode(_ mode: UInt32) throws {
        var needs = Self.needs("-basic")
        needs.mode = { $0 == "/etc/nginx/ig-shop-auth-edge.conf" ? 0o100000 | mode : nil }
        let faults = NginxRule.faults(in: try ShippedNginx("-basic").read(), needs).map(\.description)
        #expect(faults.count == 1)
        #expect(faults[0].contains("/etc/nginx/ig-shop-auth-edge.conf:1: others than root can read"))
        #expect(faults[0].contains(String(mode, radix: 8)) && !faults[0].contains(ShippedNginx.edge))
    }

    @Test("A login of the whole server is not a login of the location, and one `if` does not take it away unseen")
    func inherited() throws {
        var files = try ShippedNginx("-basic")
        try files.change(Self.basic, "    auth_basic \"Instagram connection\";\n", "")
        try files.change(ShippedNginx.site, "server_tokens off;", "server_tokens off; auth_basic shop;")
        #expect(!NginxRule.faults(in: try files.read(), Self.needs("-basic")).isEmpty)
        var other = try ShippedNginx("")
        try other.change(Self.session, Self.nobody, "\(Self.nobody) if ($arg_x) { fastcgi_param REMOTE_USER $arg_x; }")
        #expect(NginxRule.faults(in: try other.read(), NginxNeeds()).contains { $0.problem.contains("$arg_x") })
    }
}
