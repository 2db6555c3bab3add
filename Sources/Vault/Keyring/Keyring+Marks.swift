// SPDX-License-Identifier: MIT

extension Keyring {
    /// What stands for an id that is not kept: who has the id finds it again, and nobody without the keyring does.
    /// 128 bits of an HMAC, one by each key; what is written down takes the first.
    package func marks(of id: String) -> [[UInt8]] {
        entries.map { Array($0.mark.authenticate(Array(id.utf8)).prefix(16)) }
    }
}
