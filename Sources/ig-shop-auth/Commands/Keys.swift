// SPDX-License-Identifier: MIT
import ArgumentParser
import Glibc
import Vault

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes and lists keys of the keyring, and makes the edge secret.",
        subcommands: [Generate.self, KeysList.self, Edge.self])

    struct Edge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints a new edge secret.",
            discussion: """
                For the identity remote-user: the value of IG_SHOP_AUTH_EDGE, and of IG_EDGE in the file that only nginx's \
                master process can read. On an installed system `ig-shop-auth init` makes both.
                """)

        func run() {
            print(Base64URL.encode(Randomness.system.bytes(32)))
        }
    }

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the line of a new key.",
            discussion: """
                Put the line first in the file that IG_SHOP_AUTH_KEYS names, mode 0640 or tighter: the first key signs \
                and seals, the first two verify cookies, all of them open tokens.
                """)

        @Argument(help: "The key's name: 1 to 32 of A-Z a-z 0-9 . _ -; the date, if left out.")
        var id: String?

        func validate() throws {
            if let id, KeyID(id) == nil { throw ValidationError("'\(id)' is not a key's name.") }
        }

        func run() throws {
            let name = id ?? Self.today()
            guard let id = KeyID(name) else { throw ExitCode.validationFailure }
            print(Keyring.generateLine(id: id, random: .system))
        }

        static func today() -> String {
            var now = time(nil)
            var date = tm()
            gmtime_r(&now, &date)
            var text = [CChar](repeating: 0, count: 16)
            let count = strftime(&text, text.count, "%Y-%m-%d", &date)
            return String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
