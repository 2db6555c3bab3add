// SPDX-License-Identifier: MIT
import Vault

extension Randomness {
    /// 128 random bits as a name. It does not begin with a hyphen: no command takes it for an option.
    func newID() -> String {
        for _ in 0..<16 {
            let id = Base64URL.encode(bytes(16))
            if !id.utf8.starts(with: "-".utf8) { return id }
        }
        // Where nothing is random, in a test.
        return "_" + Base64URL.encode(bytes(16))
    }
}
