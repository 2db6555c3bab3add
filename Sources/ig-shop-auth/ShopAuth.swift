// SPDX-License-Identifier: MIT
import ArgumentParser
import Vault

@main
struct ShopAuth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ig-shop-auth",
        abstract: "Connects a shop's Instagram account by OAuth and keeps its token encrypted.",
        version: Version.number,
        subcommands: [
            Init.self, Check.self, Serve.self, Reload.self, Keys.self, AgentKeyCommand.self, Users.self, Audit.self,
            BackupCommand.self, Forget.self, Compact.self, Version.self,
        ])

    /// Before any command reads or makes a secret (checklist 45).
    static func main() async {
        ProcessMemory.keepPrivate()
        await main(nil)
    }
}

/// Exit codes of sysexits.h.
enum SysExit {
    static let usage = ExitCode(64)
    static let input = ExitCode(66)
    static let unavailable = ExitCode(69)
    static let internalError = ExitCode(70)
    static let notCreated = ExitCode(73)
    static let inputOutput = ExitCode(74)
    static let temporary = ExitCode(75)
    static let noPermission = ExitCode(77)
    static let configuration = ExitCode(78)
}
