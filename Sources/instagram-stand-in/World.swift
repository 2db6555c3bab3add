// SPDX-License-Identifier: MIT
import Gateway
import Glibc

/// All that this Instagram knows. Everything in it is bounded: the oldest is forgotten.
struct World: Sendable {
    let app: AppRegistration
    var switches = Switches()
    var calls = CallLog()
    var codes = BoundedTable<Grant>(bound: 20_000)
    var tokens = BoundedTable<Token>(bound: 50_000)
    /// Subscribed webhook fields by `IG_ID`.
    var subscriptions: [String: [String]] = [:]
    // Counters: no text of a code, a token or a message is given twice.
    var codesIssued = 0
    var shortTokens = 0
    var longTokens = 0
    var messagesSent = 0

    init(app: AppRegistration) {
        self.app = app
    }

    /// Seconds of the virtual clock that codes and tokens live by.
    var now: Int { time(nil) + switches.clockOffset }

    /// The normal answer of an endpoint.
    mutating func answer(_ call: Call, at endpoint: Endpoint) -> GatewayResponse {
        switch endpoint {
        case .authorize: authorize(call)
        case .exchangeCode: exchangeCode(call)
        case .extendToken: extendToken(call)
        case .refreshToken: refreshToken(call)
        case .readProfile: readProfile(call)
        case .subscribedApps, .unsubscribe: subscribedApps(call)
        case .messages: sendMessage(call)
        case .media: media(call)
        }
    }
}
