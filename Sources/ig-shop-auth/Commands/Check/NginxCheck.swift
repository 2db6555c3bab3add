// SPDX-License-Identifier: MIT
import Glibc

/// What `check` says about nginx: its faults, and otherwise one line.
struct NginxCheck {
    private(set) var faults: [String] = []
    /// What is good.
    private(set) var summary: String?
    /// What cannot be known here.
    private(set) var note: String?

    init(_ source: NginxSource, _ needs: NginxNeeds, socket: String?) {
        do throws(NginxSource.Silence) {
            look(at: try source.dump(), needs, sockets: [socket, "/run/ig-shop-auth/ig-shop-auth.sock"])
        } catch {
            if case .fault(let why) = error { faults = [why] } else { note = error.description }
        }
    }

    private mutating func look(at text: String, _ needs: NginxNeeds, sockets: [String?]) {
        do throws(NginxDump.Fault) {
            let site = NginxSite(try NginxDump(text), sockets: Set(sockets.compactMap(\.self)))
            faults = NginxRule.faults(in: site, needs).map(\.description)
            if site.publicOnes.isEmpty {
                note = "passes nothing to this program yet; include snippets/ig-shop-auth.conf in a server"
            } else if faults.isEmpty {
                summary = "\(site.ours.count) locations, \(site.upstreams.count) upstream, none of the known faults"
            }
        } catch {
            faults = [error.description]
        }
    }
}

extension NginxNeeds {
    static func mode(of file: String) -> UInt32? {
        var status = stat()
        return stat(file, &status) == 0 ? status.st_mode : nil
    }
}
