// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Foundation
import Gateway
import Transfer

/// What keeps a command from its work: lines on standard error, and an exit code of sysexits.h.
struct Complaint: Error {
    let lines: [String]
    let exit: ExitCode

    init(_ line: String, exit: ExitCode) {
        self.init([line], exit: exit)
    }

    init(_ lines: [String], exit: ExitCode) {
        self.lines = lines
        self.exit = exit
    }

    init(_ error: any Error) {
        switch error {
        case let complaint as Complaint: self = complaint
        case let faults as SettingFaults:
            lines = faults.faults.map(\.description)
            exit = SysExit.configuration
        case let fault as KeyFile.Fault:
            lines = fault.lines.map { "IG_SHOP_AUTH_KEYS: \($0)" }
            exit = SysExit.configuration
        case let fault as AgentsFile.Fault:
            lines = fault.lines.map { "IG_SHOP_AUTH_AGENTS: \($0)" }
            exit = SysExit.configuration
        case let failure as ListeningSocket.Failure:
            lines = ["IG_SHOP_AUTH_SOCKET: \(failure)"]
            exit = failure.isConfiguration ? SysExit.configuration : SysExit.unavailable
        case let unavailable as TransferUnavailable:
            lines = ["calls to Instagram: \(unavailable)"]
            exit = SysExit.unavailable
        case let failure as StoreFailure:
            lines = ["IG_SHOP_AUTH_DATABASE: \(failure)"]
            exit = [.newerSchema, .olderSchema].contains(failure) ? SysExit.configuration : SysExit.unavailable
        case let failure as BackupFailure:
            lines = ["\(failure)"]
            exit = failure.isAboutName ? SysExit.notCreated : SysExit.inputOutput
        default:
            lines = ["\(error)"]
            exit = ExitCode(70)
        }
    }

    static func noDatabase(at path: String) -> Complaint {
        Complaint(
            "IG_SHOP_AUTH_DATABASE: there is no database at \(path); the first start makes it, or name another",
            exit: SysExit.input)
    }

    static func noFile(at path: String) -> Complaint {
        Complaint("IG_SHOP_AUTH_DATABASE: \(path) is no file; name the database", exit: SysExit.input)
    }

    /// Runs one step of a start; what goes wrong is told and ends the process.
    static func about<Value>(_ step: () async throws -> Value) async throws -> Value {
        do {
            return try await step()
        } catch {
            let complaint = Complaint(error)
            let text = complaint.lines.map { "ig-shop-auth: \($0)\n" }.joined()
            FileHandle.standardError.write(Data(text.utf8))
            throw complaint.exit
        }
    }
}

extension ListeningSocket.Failure {
    fileprivate var isConfiguration: Bool {
        if case .pathTooLong = self { true } else { false }
    }
}
