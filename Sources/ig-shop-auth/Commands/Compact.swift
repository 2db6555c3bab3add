// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Glibc

struct Compact: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the database anew, without copies that its pages keep, while the service is stopped.",
        discussion: """
            A database of up to 64 MiB is written anew by the service itself after an account was let go; a larger one \
            would hold up its visitors.
            """)

    func run() async throws {
        umask(0o077)
        try await Complaint.about {
            let store = try Forget.open(try await SettingsReader.paths(environment: .current).database)
            if try await !store.compact() { print(Forget.held) }
            try store.close()
        }
    }
}
