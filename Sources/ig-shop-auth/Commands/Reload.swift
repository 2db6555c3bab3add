// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Foundation
import Glibc
import Vault

struct Reload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the service read its keyring and agents file again, and waits for what it says of them.",
        discussion: """
            For the unit's ExecReload=, which has $MAINPID and $RUNTIME_DIRECTORY: type `systemctl reload ig-shop-auth`. \
            It succeeds when the new files are in force. A file with a fault changes nothing: each fault is a line, and \
            the exit code is 78.
            """)

    /// For the service to answer. A keyring needs a commit, which may have to wait for the disk.
    private static let patience: Duration = .seconds(20)
    private static let glance: Duration = .milliseconds(10)

    func run() async throws {
        try await Complaint.about {
            let lines = try await reload(environment: .current, patience: Self.patience)
            for line in lines { print("in force: \(line)") }
        }
    }

    func reload(environment: [String: String], patience: Duration) async throws -> [String] {
        guard let process = environment["MAINPID"].flatMap({ pid_t($0) }), process > 1,
            let desk = ReloadDesk(environment: environment)
        else {
            throw Complaint(
                "there is no $MAINPID or no $RUNTIME_DIRECTORY; type `systemctl reload ig-shop-auth`, or, without systemd,"
                    + " send the service a SIGHUP (`kill -HUP`), and its journal has the answer",
                exit: SysExit.usage)
        }
        let deadline = ContinuousClock.now + patience
        // One at a time: there is room for one request. Let go when this process ends, however that is.
        let lock = open(desk.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        defer { if lock >= 0 { close(lock) } }
        while lock >= 0, flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard .now < deadline else {
                // Somebody else still waits for an answer, to a request that is not overwritten.
                try signal(process)
                throw Complaint(
                    "another reload has waited for \(patience); the service reads its files all the same, and its"
                        + " journal says what is in force",
                    exit: SysExit.temporary)
            }
            try await Task.sleep(for: Self.glance)
        }
        let id = Base64URL.encode(Randomness.system.bytes(16))
        do throws(ReloadDesk.Failure) {
            try desk.ask(id)
        } catch {
            // The files are worth more than the answer.
            try signal(process)
            throw Complaint(
                "\(error); the service reads its files all the same, and its journal says what is in force",
                exit: SysExit.inputOutput)
        }
        try signal(process)
        while .now < deadline {
            switch desk.verdict(on: id) {
            case .inForce(let lines): return lines
            case .refused(let faults):
                throw Complaint(faults + ["nothing has changed"], exit: SysExit.configuration)
            case nil: break
            }
            guard kill(process, 0) == 0 || errno == EPERM else {
                throw Complaint("the service has ended meanwhile", exit: SysExit.unavailable)
            }
            try await Task.sleep(for: Self.glance)
        }
        throw Complaint(
            "the service has not answered for \(patience); its journal says what is in force",
            exit: SysExit.temporary)
    }

    private func signal(_ process: pid_t) throws {
        guard kill(process, SIGHUP) != 0 else { return }
        throw Complaint(
            "the service (process \(process)) cannot be told: \(String(cString: strerror(errno)))",
            exit: SysExit.unavailable)
    }
}
