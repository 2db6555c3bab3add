// SPDX-License-Identifier: MIT

/// A block of nginx's configuration with all blocks around it, outermost first. A directive counts from the innermost
/// block that has one of its name; lists such as `fastcgi_param` are inherited whole or not at all.
struct NginxPlace {
    /// The block itself: a server, a location, an `if`.
    let directive: NginxDirective
    let levels: [[NginxDirective]]

    func effective(_ name: String) -> [NginxDirective] {
        levels.lazy.reversed().map { Self.named(name, $0) }.first { !$0.isEmpty } ?? []
    }

    func own(_ name: String) -> [NginxDirective] { Self.named(name, levels.last ?? []) }

    /// With an argument at least: nginx takes none of these without one, a file may say anything.
    private static func named(_ name: String, _ level: [NginxDirective]) -> [NginxDirective] {
        level.filter { $0.name == name && $0.words.count > 1 }
    }

    /// The first argument that counts; nil where nginx's default does.
    func value(_ name: String) -> String? { effective(name).first?.arguments.first }

    /// The values that one FastCGI parameter gets, each with its line.
    func parameters(_ name: String) -> [(value: String, line: NginxDirective)] {
        effective("fastcgi_param").filter { $0.words.count > 2 && $0.words[1] == name }.map { ($0.words[2], $0) }
    }

    /// The line that is to blame: the directive if there is one, the block if it is missing.
    func line(_ name: String) -> NginxDirective { effective(name).first ?? directive }
}

/// A server, and those of its locations that pass to us.
struct NginxServer {
    let place: NginxPlace
    let ours: [NginxPlace]
    let locations: [NginxPlace]

    var publicOnes: [NginxPlace] { ours.filter { !$0.isPrivate } }
    var listens: [NginxDirective] { place.own("listen") }
    var names: Set<String> { Set(place.own("server_name").flatMap(\.arguments)) }
}

extension NginxPlace {
    var isPrivate: Bool { parameters("IG_SURFACE").contains { $0.value == "private" } }
    /// Somebody may be signed in here.
    var namesUser: Bool { parameters("REMOTE_USER").contains { !$0.value.isEmpty } }
}

/// What of nginx's configuration concerns this program.
struct NginxSite {
    let servers: [NginxServer]
    /// The upstream blocks that lead to us.
    let upstreams: [NginxDirective]
    /// Locations that pass straight to our socket.
    let bare: [NginxDirective]
    let formats: [String: NginxDirective]
    let maps: [String: NginxDirective]

    var ours: [NginxPlace] { servers.flatMap(\.ours) }
    var publicOnes: [NginxPlace] { servers.flatMap(\.publicOnes) }

    /// - Parameter sockets: The paths where this program may listen.
    init(_ dump: NginxDump, sockets: Set<String>) {
        let http = dump.directives.filter { $0.name == "http" }.flatMap { $0.block ?? [] }
        let named = http.filter { $0.name == "upstream" && $0.words.count > 1 }
        func isSocket(_ address: String) -> Bool {
            address.hasPrefix("unix:") && sockets.contains(String(address.dropFirst(5)))
        }
        upstreams = named.filter { upstream in
            upstream.words[1] == "ig_shop_auth"
                || (upstream.block ?? []).contains { $0.name == "server" && isSocket($0.arguments.first ?? "") }
        }
        let names = Set(upstreams.map { $0.words[1] })
        formats = Dictionary(
            http.filter { $0.name == "log_format" && $0.words.count > 2 }.map { ($0.words[1], $0) },
            uniquingKeysWith: { $1 })
        maps = Dictionary(
            http.filter { $0.name == "map" && $0.words.count > 2 }.map { ($0.words[2], $0) }, uniquingKeysWith: { $1 })
        servers = http.filter { $0.name == "server" }.map { server in
            let place = NginxPlace(directive: server, levels: [http, server.block ?? []])
            let locations = Self.inner(of: place, passes: false) { names.contains($0) || isSocket($0) }
            return NginxServer(
                place: place, ours: locations.filter(\.isOurs).map(\.place), locations: locations.map(\.place))
        }
        bare = servers.flatMap(\.ours).flatMap { $0.own("fastcgi_pass") }.filter { isSocket($0.arguments.first ?? "") }
    }

    /// Every location and `if` below a block. An `if` goes on passing to where its location passes.
    private static func inner(
        of place: NginxPlace, passes: Bool, _ leadsToUs: (String) -> Bool
    ) -> [(place: NginxPlace, isOurs: Bool)] {
        (place.levels.last ?? []).flatMap { directive -> [(place: NginxPlace, isOurs: Bool)] in
            guard let block = directive.block, ["location", "if", "limit_except"].contains(directive.name) else {
                return []
            }
            let inside = NginxPlace(directive: directive, levels: place.levels + [block])
            let target = inside.own("fastcgi_pass").first?.arguments.first
            // A target that a variable names could be anything; our own parameter tells.
            let isOurs =
                target.map { leadsToUs($0) || ($0.contains("$") && !inside.parameters("IG_SURFACE").isEmpty) }
                ?? (directive.name != "location" && passes)
            return [(inside, isOurs)] + inner(of: inside, passes: isOurs, leadsToUs)
        }
    }
}
