// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Vault

struct AgentKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent-key",
        abstract: "Makes an agent's key: prints it once, and the line for the agents file.",
        usage: """
            ig-shop-auth agent-key NAME --users '*'
            ig-shop-auth agent-key NAME --users 42/shop-a,42/shop-b
            ig-shop-auth agent-key NAME --user '42/shop a' --user 42/shop-b
            """,
        discussion: """
            The first line of the output is the key, for the agent alone: it is not kept and cannot be shown again. All \
            that follows may be added to the file that IG_SHOP_AUTH_AGENTS names, mode 0640 or tighter; SIGHUP makes \
            the service read it. A new key for the same agent takes the place of the old line.
            """)

    @Argument(help: "The agent's name: 1 to 64 of A-Z a-z 0-9 . _ -")
    var name: String

    @Option(
        help: """
            Whose tokens it may ask for: '*' for everybody's, or ids separated by commas, as the file has them: \
            blanks, commas, % * # and what is not ASCII as %XX.
            """)
    var users: String?

    @Option(name: .customLong("user"), help: "The same, one id at a time and as it is. May be repeated.")
    var each: [String] = []

    func validate() throws {
        guard (users == nil) != each.isEmpty else {
            throw ValidationError("Say whose tokens it may ask for: either --users or --user.")
        }
        let faults = Agents.faults(name: name, users: list)
        guard faults.isEmpty else {
            throw ValidationError("Not for the agents file: \(faults.map(\.description).joined(separator: "; ")).")
        }
    }

    func run() {
        let key = AgentKey.generate()
        print(
            """
            \(key.exposedText())

            # Above is the key of \(name), shown this once. Below is its line for the agents file; then SIGHUP.
            \(Agents.line(name: name, key: key, users: list))
            """)
    }

    private var list: String { users ?? each.map(Agent.Users.written).joined(separator: ",") }
}
