// SPDX-License-Identifier: MIT

/// What was consented to, behind a code.
struct Grant: Sendable {
    let account: Account
    let permissions: [String]
    let redirectURI: String
    let issuedAt: Int
    var isUsed = false

    /// Seconds that a code lives.
    static let life = 3600
}

/// What a token stands for. Times are seconds of the virtual clock.
struct Token: Sendable {
    enum Kind: Sendable {
        case short, long
    }

    let kind: Kind
    let account: Account
    let permissions: [String]
    var issuedAt: Int
    var expiresAt: Int

    static let shortLife = 3600
    static let longLife = 5_183_944
    /// What a refresh was seen to answer: less than 60 days.
    static let refreshedLife = 5_127_758
    /// A token cannot be refreshed before.
    static let youth = 86_400
}
