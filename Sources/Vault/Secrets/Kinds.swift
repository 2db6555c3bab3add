// SPDX-License-Identifier: MIT

/// What a secret is. Types without values: they exist for the compiler.
package enum Kinds {
    package enum ShortLivedToken {}
    package enum LongLivedToken {}
    package enum AppSecret {}
    package enum AuthorizationCode {}
    package enum QueryString {}
    package enum FormBody {}
    package enum EdgeSecret {}
    package enum AgentKey {}
    package enum Key {}
    enum KeyringText {}
}

/// Instagram's token of one hour, good for one exchange.
package typealias ShortLivedToken = Secret<Kinds.ShortLivedToken>
/// Instagram's token of 60 days, the one that is sealed and stored.
package typealias LongLivedToken = Secret<Kinds.LongLivedToken>
/// What Meta and we share: authenticates token requests and `signed_request`.
package typealias AppSecret = Secret<Kinds.AppSecret>
/// What the callback brings, exchanged once.
package typealias AuthorizationCode = Secret<Kinds.AuthorizationCode>
/// The secret half of an outbound request's URL.
package typealias QueryString = Secret<Kinds.QueryString>
/// The secret half of an outbound request's body.
package typealias FormBody = Secret<Kinds.FormBody>
/// What nginx and we share: proves that a request, and the user that it names, come from nginx.
package typealias EdgeSecret = Secret<Kinds.EdgeSecret>
/// What an agent shows to be handed a token; we keep its SHA-256 only.
package typealias AgentKey = Secret<Kinds.AgentKey>
/// Key material: a keyring entry, or what is derived from one.
package typealias Key = Secret<Kinds.Key>
