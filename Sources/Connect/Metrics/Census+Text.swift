// SPDX-License-Identifier: MIT

extension Census {
    func write(to text: inout MetricsText, now: UnixTime) {
        func name(_ name: String) -> String { Metrics.prefix + name }
        text.family(name("users"), .gauge, "Users by state.")
        for state in StatusObject.State.allCases {
            text.sample(name("users"), MetricsText.labels([("state", state.rawValue)]), users[state.rawValue] ?? 0)
        }
        if let nextExpiry {
            text.gauge(
                name("next_token_expiry_seconds"),
                "Seconds until the first token of a connected account expires; below 0: it has.", nextExpiry - now)
        }
        text.gauge(
            name("renewal_backlog"), "Accounts that are due for a renewal, up to \(Store.backlogCounted).", backlog)
        text.gauge(
            name("app_failing"), "1 while so many accounts fail alike that it is the app at Meta.", isAppFailing ? 1 : 0
        )
        text.gauge(
            name("app_paused_seconds"), "Seconds that Instagram's limit of the app still lasts.",
            appPausedUntil.map { max($0 - now, 0) } ?? 0)
    }
}
