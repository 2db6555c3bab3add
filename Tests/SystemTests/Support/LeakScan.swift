// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// Looks for canaries wherever the program, nginx or the database leaves bytes behind. Each report is one line.
struct LeakScan: Sendable {
    let stage: Stage
    var canaries = Canaries()

    init(_ stage: Stage) throws {
        self.stage = stage
        canaries.add(.secret, stage.options.settings["META_APP_SECRET"] ?? Stage.appSecret)
        for secret in (stage.options.settings["META_EXTRA_SECRETS"] ?? "").split(separator: ",") {
            canaries.add(.secret, secret)
        }
        let key = try String(contentsOfFile: stage.keys, encoding: .utf8).split(whereSeparator: \.isWhitespace)[1]
        canaries.add(.key, key)
        // How the stand-in's codes and tokens begin.
        for (kind, text) in [(Canaries.Kind.code, "AQBx-hBsH3"), (.token, "IGAA_SHORT"), (.token, "IGAA_LONG")] {
            canaries.add(kind, text)
        }
    }

    /// Everything below the stage's directory: logs, database, WAL and journal, nginx's temporary files. Not the key
    /// file, which is the secret, and not what Instagram's stand-in writes.
    func files() throws -> [String] {
        let own = ["keys", "logs/stand-in.log", "nginx/huge"]
        let names = FileManager.default.enumerator(atPath: stage.directory)?.compactMap { $0 as? String } ?? []
        return try names.filter { !own.contains($0) }.flatMap { name in
            try files(at: stage.directory + "/" + name, name)
        }
    }

    private func files(at path: String, _ name: String) throws -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return [] }
        return reports(in: try Data(contentsOf: URL(fileURLWithPath: path)), of: name)
    }

    /// Command lines, environments and open files of the program and of nginx with its workers.
    func processes() throws -> [String] {
        let responder = try pids(of: stage.responder)
        return try (responder + pids(of: stage.nginx)).flatMap { pid in
            let folder = "/proc/\(pid)"
            let line = try Data(contentsOf: URL(fileURLWithPath: folder + "/cmdline"))
            guard !line.isEmpty else { throw Missing("a command line of \(pid)") }
            // Only root looks further: the program is closed to its own user.
            guard geteuid() == 0 else { return reports(in: line, of: "command line") }
            let environment = try Data(contentsOf: URL(fileURLWithPath: folder + "/environ"))
            // Development gives the app's secrets by the environment, and nothing else.
            let allowed: Set<Canaries.Kind> = responder.contains(pid) ? [.secret] : []
            return try reports(in: line, of: "command line")
                + reports(in: environment, of: "environment", except: allowed) + openFiles(of: pid)
        }
    }

    /// Files without a name as well: a temporary file is often removed as soon as it is open.
    private func openFiles(of pid: pid_t) throws -> [String] {
        let folder = "/proc/\(pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).flatMap { number -> [String] in
            let path = folder + "/" + number
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return [] }
            // A file of another test, which this process inherited while it was open there, is that test's.
            let known = [stage.directory, "/dev/", "/tmp/ig-"]
            let isElsewhere = target.hasPrefix("/") && !known.contains { target.hasPrefix($0) }
            return try (isElsewhere ? ["process \(pid) has \(target) open"] : []) + files(at: path, target)
        }
    }

    private func pids(of child: Child?) throws -> [pid_t] {
        guard let child, child.isRunning else { throw Missing("a process to look at") }
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        return [child.pid]
            + all.filter { pid in
                // `pid (name) state parent ...`
                let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
                return text?.split(separator: ")").last?.split(separator: " ").dropFirst().first == "\(child.pid)"
            }
    }

    /// A page, a JSON body, and the header fields. Cookies belong in `Set-Cookie`; a state belongs there too, and into
    /// the address of Instagram's consent page, which is a `Location` or an `auth_url`.
    func answer(_ answer: Response, to what: String) -> [String] {
        let way = stage.standIn.url + "/oauth/authorize"
        let leads = answer.text.contains("\"auth_url\"") || answer.header("location")?.hasPrefix(way) ?? false
        let allowed: Set<Canaries.Kind> = leads ? [.state] : []
        return reports(in: Data(answer.body), of: "the body of \(what)", except: allowed)
            + answer.headers.flatMap { name, value in
                let more: Set<Canaries.Kind> = name == "set-cookie" ? [.cookie, .state] : []
                return reports(
                    in: Data(value.utf8), of: "\(name) of \(what)",
                    except: more.union(name == "location" ? allowed : []))
            }
    }

    func reports(in bytes: Data, of place: String, except allowed: Set<Canaries.Kind> = []) -> [String] {
        let found = canaries.found(in: bytes).filter { !allowed.contains($0.kind) }
        return Set(found.map { "\(place): \($0.kind.rawValue), \($0.form)" }).sorted()
    }
}
