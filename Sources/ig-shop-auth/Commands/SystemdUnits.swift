// SPDX-License-Identifier: MIT
import Glibc

/// What systemd says of the package's units.
struct SystemdUnits {
    struct Unit: Equatable {
        let name: String
        /// systemctl(1), is-enabled: `enabled`, `disabled`, `static`, `masked` and others.
        let file: String
        /// `active`, `inactive`, `failed` and others.
        let state: String
        /// The path of a socket.
        var listensAt: String?

        /// A visitor, a renewal or a backup waits for it.
        var isAwaited: Bool {
            [SystemdUnits.service, SystemdUnits.socket].contains(name) || name.hasSuffix(".timer")
        }
        var isEnabled: Bool { file == "enabled" }
        var isRunning: Bool { state == "active" || state == "reloading" }
    }

    static let service = "ig-shop-auth.service"
    static let socket = "ig-shop-auth.socket"
    private static let check = "ig-shop-auth-check.service"
    private static let backup = "ig-shop-auth-backup.service"

    let units: [Unit]

    /// nil: no systemd runs here.
    static func ofThisMachine() -> SystemdUnits? {
        guard access("/run/systemd/system", F_OK) == 0,
            let files = ask(["list-unit-files", "--no-legend", "--no-pager", "ig-shop-auth*"])
        else { return nil }
        let names = files.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
            .filter { !$0.contains("@") }
        guard !names.isEmpty else { return SystemdUnits(units: []) }
        return ask(["show", "--property=Id,ActiveState,UnitFileState,Listen"] + names).map(SystemdUnits.init(parsing:))
    }

    init(units: [Unit]) { self.units = units }

    /// As the package installs them.
    static let stopped = SystemdUnits(
        units: [service, socket].map { Unit(name: $0, file: "enabled", state: "inactive") })

    /// What `systemctl show` says: a block of NAME=VALUE for each.
    init(parsing text: String) {
        units = text.split(separator: "\n\n").compactMap { block in
            let pairs = block.split(separator: "\n").map {
                $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            }
            let values = Dictionary(pairs.map { (String($0[0]), String($0.last ?? "")) }, uniquingKeysWith: { $1 })
            guard let name = values["Id"], let file = values["UnitFileState"], let state = values["ActiveState"] else {
                return nil
            }
            // Such as `/run/x (Stream)`.
            let path = values["Listen"]?.split(separator: " ").first.map(String.init)
            return Unit(name: name, file: file, state: state, listensAt: path.flatMap { $0.hasPrefix("/") ? $0 : nil })
        }
    }

    func unit(_ name: String) -> Unit? { units.first { $0.name == name } }

    /// What brings them into the state in which `faults` finds none; nil: they are.
    var start: String? {
        let waiting = units.filter(\.isAwaited)
        let idle = waiting.filter { !$0.isRunning || !$0.isEnabled }
        if idle.isEmpty { return nil }
        let verb = idle.allSatisfy(\.isEnabled) ? "start" : "enable --now"
        // A socket that a service waits for comes first.
        let names = idle.map(\.name).sorted {
            ($0.hasSuffix(".socket") ? "" : $0) < ($1.hasSuffix(".socket") ? "" : $1)
        }
        return "systemctl \(verb) \(names.joined(separator: " "))"
    }

    /// Those that a visitor, a renewal or a backup waits for have to be enabled and to run; the others must
    /// not have failed, but for who asks.
    var faults: [String] {
        units.flatMap { unit -> [String] in
            // What is read here is the next check, whatever the last one said.
            if unit.name == Self.check, unit.state == "failed" { return [] }
            if unit.state == "failed", unit.name == Self.backup {
                return ["\(unit.name) has failed; systemctl start ig-shop-auth-backup"]
            }
            if unit.state == "failed" {
                return ["\(unit.name) has failed; systemctl status \(unit.name) says why"]
            }
            guard unit.isAwaited else { return [] }
            return [
                unit.isEnabled
                    ? nil : "\(unit.name) is \(unit.file), so a reboot ends it; systemctl enable \(unit.name)",
                unit.isRunning
                    ? nil : "\(unit.name) is \(unit.state); systemctl start \(unit.name)",
            ].compactMap(\.self)
        }
    }

    private static func ask(_ words: [String]) -> String? {
        guard let said = Spoken.by("/usr/bin/systemctl", words, bound: 1 << 16, within: 10), said.isSuccess else {
            return nil
        }
        return said.output
    }
}
