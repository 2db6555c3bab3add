// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Visitors and agents who ask without a pause while something is done to the machine, and what did not come right.
struct Load: Sendable {
    struct Outcome: Sendable {
        var answered = 0
        var failed: [String] = []
        var seconds = 0.0

        var perSecond: Double { Double(answered) / seconds }
    }

    private final class Seen: Sendable {
        let outcome = Mutex(Outcome())
    }

    /// - Parameter asks: One request of each round; nil: as it should be.
    static func during<Value: Sendable>(
        _ asks: [@Sendable () async throws -> String?], visitors: Int = 8,
        _ work: () async throws -> Value
    ) async throws -> (Outcome, Value) {
        let end = Flag()
        let seen = Seen()
        let began = ContinuousClock.now
        let crowd = Task { [asks, visitors] in
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<visitors {
                    group.addTask {
                        var round = number
                        while !end.isRaised {
                            let fault: String?
                            do { fault = try await asks[round % asks.count]() } catch { fault = "\(error)" }
                            seen.outcome.withLock { outcome in
                                outcome.answered += 1
                                if let fault { outcome.failed.append(fault) }
                            }
                            round += 1
                        }
                    }
                }
            }
        }
        do {
            let value = try await work()
            end.raise()
            await crowd.value
            var outcome = seen.outcome.withLock { $0 }
            outcome.seconds = Double((ContinuousClock.now - began) / .milliseconds(1)) / 1000
            return (outcome, value)
        } catch {
            end.raise()
            await crowd.value
            throw error
        }
    }
}

extension Machine {
    /// The start as JSON, the status of a visitor who is connected, the page, and the private listener.
    func gets(_ browser: Browser) -> [@Sendable () async throws -> String?] {
        let paths: [(String, Int)] = [(start, 200), (status, 200), (settingsPage, 200), (readyz, 200)]
        let readyz = readyz
        return paths.map { url, status in
            { @Sendable in
                let answer =
                    url == readyz ? try await HTTPClient.shared.send(.get, url) : try await browser.asking(url)
                return answer.status == status ? nil : "\(answer.status) from \(url): \(answer.text.prefix(200))"
            }
        }
    }
}

extension Browser {
    /// A GET with the cookies there are, which keeps none: many at once.
    nonisolated func asking(_ address: String) async throws -> Response {
        guard let url = WebURL(address) else { throw Missing("no URL: \(address)") }
        let cookies = await jar.field(for: url, isLaxAllowed: true)
        let headers =
            [("Accept", "application/json"), ("Sec-Fetch-Site", "same-origin")]
            + (cookies.map { [("Cookie", $0)] } ?? [])
        return try await HTTPClient.shared.send(.get, address, headers: headers.map { (name: $0.0, value: $0.1) })
    }
}
