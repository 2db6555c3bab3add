// SPDX-License-Identifier: MIT

extension Site {
    /// `GET /metrics`. A database that does not answer is one of the things that it tells.
    func metrics(_ request: Request) async -> Answer {
        var census: Census?
        do throws(StoreFailure) {
            census = try await store.census(now: now())
        } catch {
            report(error, during: "metrics")
        }
        let text = store.metrics.text(census, flowsInFlight: flows.count, now: now())
        return .text(text, contentType: MetricsText.contentType)
    }
}
