// SPDX-License-Identifier: MIT
import Vault

/// The keyring's file.
enum KeyFile {
    typealias Fault = OperatorFile.Fault<KeyringFaults>

    static func load(_ path: String) throws(Fault) -> Keyring {
        try OperatorFile.load(path, limit: 64 << 10) { text throws(KeyringFaults) in try Keyring(parsing: text) }
    }
}
