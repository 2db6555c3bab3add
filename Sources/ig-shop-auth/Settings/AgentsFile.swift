// SPDX-License-Identifier: MIT
import Connect
import Glibc

/// The agents file.
enum AgentsFile {
    typealias Fault = OperatorFile.Fault<AgentsFaults>

    /// nil where no file is: a shop without agents needs none.
    static func load(_ path: String) throws(Fault) -> Agents? {
        do throws(Fault) {
            return try OperatorFile.load(path, limit: 1 << 20) { text throws(AgentsFaults) in
                try Agents(parsing: text)
            }
        } catch {
            if case .unreadable(_, ENOENT) = error { return nil }
            throw error
        }
    }
}
