// SPDX-License-Identifier: MIT
import Vault

/// Seals inside the transaction that keeps what is sealed, with the keyring that is in force at that moment.
struct Seals: Sendable {
    let keys: KeyringInForce
    let random: Randomness

    func seal(_ token: LongLivedToken, as field: SealedField) throws(SealFailure) -> Box {
        try keys.current.seal(token, as: field, random: random)
    }

    /// The token of a row, sealed for the letting go of its account; nil: it does not open, so nobody can use it.
    func move(_ user: User, to field: SealedField) -> Box? {
        guard let token = try? user.token(keys.current) else { return nil }
        return try? seal(token, as: field)
    }

    /// Finds an account again that is not named any more.
    func mark(ofAccount id: String) -> [UInt8] { keys.current.marks(of: "account " + id)[0] }

    /// Stands for an id in what outlives it.
    func newID() -> String { random.newID() }
}
