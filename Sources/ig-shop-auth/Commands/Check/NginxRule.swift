// SPDX-License-Identifier: MIT
import Connect
import Vault

/// Something in nginx's configuration that breaks a promise of this program, with its remedy.
struct NginxFault: Equatable, CustomStringConvertible {
    let file: String
    let line: Int
    let problem: String
    let remedy: String

    init(_ at: NginxDirective, _ problem: String, _ remedy: String) {
        (file, line) = (at.file, at.line)
        (self.problem, self.remedy) = (problem, remedy)
    }

    var description: String { "\(file):\(line): \(problem); \(remedy)" }
}

/// What this program's settings ask of nginx.
struct NginxNeeds {
    /// nil: the settings do not say.
    var identity: Identity? = .session
    /// Where visitors are, without the port; nil where nobody says it.
    var publicHost: String?
    /// The edge secret is faulty, and told as that.
    var hidesEdge = false
    /// Permission bits of a file; nil where there is none.
    var mode: (String) -> UInt32? = { _ in nil }

    /// nil: nothing is sent along that could be compared.
    var edge: EdgeSecret? { if case .remoteUser(let edge)? = identity, !hidesEdge { edge } else { nil } }
    var isRemoteUser: Bool { if case .remoteUser? = identity { true } else { false } }

    /// Seconds that one flow may take here. If nginx gives up earlier, nobody hears how the flow ended.
    static let flowSeconds = TimeBudget().longestFlow / .seconds(1)
    /// TimeoutStopSec of systemd's unit: what still runs then is killed.
    static let stopSeconds = TimeBudget.stop / .seconds(1)
    /// The path is a form of this; see snippets/ig-shop-auth.conf.
    static let paths = "/auth/instagram"
}

/// One known misconfiguration. A rule says nothing about a configuration that is as shipped.
struct NginxRule: Sendable {
    let name: String
    let find: @Sendable (NginxSite, NginxNeeds) -> [NginxFault]

    static let all: [NginxRule] = surface + identity + edge + logs + upstream + limits

    /// What all rules find, each once, in the order of the rules: a shared snippet is read in many places.
    static func faults(in site: NginxSite, _ needs: NginxNeeds) -> [NginxFault] {
        all.flatMap { $0.find(site, needs) }.reduce(into: []) { found, fault in
            if !found.contains(fault) { found.append(fault) }
        }
    }

    /// A rule about each location that passes to us.
    static func everywhere(_ name: String, _ find: @escaping @Sendable (NginxPlace) -> [NginxFault]) -> NginxRule {
        NginxRule(name: name) { site, _ in site.ours.flatMap(find) }
    }
}
