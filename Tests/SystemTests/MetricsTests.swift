// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Connect
@testable import ig_shop_auth

/// What monitoring is told of a real site, read by Prometheus' own client.
@Suite
struct MetricsTests {
    private func scrape(_ stage: Stage) async throws -> Response {
        try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(stage.privatePort)/metrics")
    }

    private static let types = [
        "requests": "counter", "request_duration_seconds": "histogram", "callbacks": "counter",
        "instagram_calls": "counter", "instagram_call_duration_seconds": "histogram", "renewals": "counter",
        "events": "counter", "unreadable_rows": "counter", "unknown_answers": "counter", "flows_in_flight": "gauge",
        "journal_lines_lost": "counter", "store_up": "gauge", "users": "gauge", "renewal_backlog": "gauge",
        "app_failing": "gauge", "app_paused_seconds": "gauge", "build_info": "gauge",
    ]
    private static let processTypes = [
        "process_start_time_seconds": "gauge", "process_cpu_seconds": "counter",
        "process_resident_memory_bytes": "gauge", "process_open_fds": "gauge", "process_max_fds": "gauge",
    ]

    @Test("Prometheus' client reads every family, its type, its labels and its numbers after a few visits")
    func visits() async throws {
        try await Stage.run { try await visits($0) }
    }

    private func visits(_ stage: Stage) async throws {
        let browser = Browser()
        let before = Date().timeIntervalSince1970
        #expect(try await stage.connect(browser).status == 200)
        #expect(try await browser.fetch(stage.status).status == 200)
        let other = Browser()
        let denied = try await other.press("deny", on: stage.consentPage(other))
        #expect(denied.instagramError == "access_denied")
        #expect(try await Browser().fetch(stage.callback + "?code=a&state=b").status == 400)
        #expect(try await Browser().fetch(stage.origin + "/auth/instagram/nowhere").status == 404)

        let answer = try await scrape(stage)
        #expect(answer.status == 200)
        #expect(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
        let metrics = try await ParsedMetrics(answer.text, in: stage.directory)
        for (name, type) in Self.types { #expect(metrics["ig_shop_auth_" + name]?.type == type, "\(name)") }
        for (name, type) in Self.processTypes { #expect(metrics[name]?.type == type, "\(name)") }
        let names = metrics.families.map(\.name)
        #expect(Set(names).count == names.count, "a family is told once")
        #expect(metrics.families.allSatisfy { !$0.help.isEmpty })
        let labels = Set(metrics.families.flatMap(\.samples).flatMap(\.labels.keys))
        #expect(labels == ["route", "method", "status", "le", "outcome", "call", "state", "type", "version"])

        func requests(_ route: String, _ method: String, _ status: Int) -> Double? {
            metrics.value(
                "ig_shop_auth_requests_total", ["route": route, "method": method, "status": "\(status)"])
        }
        #expect(requests("/auth/instagram", "GET", 200) == 1)
        #expect(requests("/auth/instagram", "POST", 303) == 1)
        #expect(requests("/auth/instagram/callback", "GET", 200) == 1)
        #expect(requests("/auth/instagram/callback", "GET", 303) == 1)
        #expect(requests("/auth/instagram/callback", "GET", 400) == 1)
        #expect(requests("/auth/instagram/status", "GET", 200) == 1)
        #expect(requests("/auth/instagram/status", "GET", 503) == nil)
        for route in Endpoint.allCases.map(\.rawValue) + ["other"] {
            let all = metrics.value("ig_shop_auth_requests_total", ["route": route]) ?? 0
            let count = metrics.value("ig_shop_auth_request_duration_seconds_count", ["route": route])
            let last = ["route": route, "le": "+Inf"]
            #expect(count == all && metrics.value("ig_shop_auth_request_duration_seconds_bucket", last) == all)
        }
        for outcome in CallbackOutcome.all {
            let times = ["connected", "access_denied", "invalid_state"].contains(outcome) ? 1.0 : 0
            #expect(metrics.value("ig_shop_auth_callbacks_total", ["outcome": outcome]) == times, "\(outcome)")
        }
        for call in ["exchange-code", "extend-token", "read-profile"] {
            #expect(metrics.value("ig_shop_auth_instagram_calls_total", ["call": call, "outcome": "ok"]) == 1)
            #expect(metrics.value("ig_shop_auth_instagram_call_duration_seconds_count", ["call": call]) == 1)
        }
        #expect(metrics["ig_shop_auth_users"]?.samples.count == 4)
        #expect(metrics.value("ig_shop_auth_users") == 1)
        #expect(metrics.value("ig_shop_auth_store_up") == 1)
        #expect(metrics.value("ig_shop_auth_flows_in_flight") == 0)
        #expect(metrics.value("ig_shop_auth_build_info", ["version": Version.number]) == 1)
        let start = try #require(metrics.value("process_start_time_seconds"))
        #expect((before - 3_600...before + 1).contains(start))
        #expect(try #require(metrics.value("process_resident_memory_bytes")) > 5_000_000)
        #expect(try #require(metrics.value("process_open_fds")) > 5)
    }

    @Test("Nobody is in the numbers: no token, code, state, cookie, account, user or name (checklist 34)")
    func nobody() async throws {
        try await Stage.run { try await nobody($0) }
    }

    private func nobody(_ stage: Stage) async throws {
        let browser = Browser()
        var canaries = Canaries()
        let callback = try await stage.consented(browser)
        for (kind, name) in [(Canaries.Kind.code, "code"), (.state, "state")] {
            canaries.add(kind, try #require(callback.parameter(name)))
        }
        #expect(try await browser.fetch(callback.request).status == 200)
        canaries.add(cookie: try #require(await browser.jar["__Host-ig_session"]?.value))
        _ = try await browser.fetch(stage.status + "?q=a-query-canary")
        _ = try await browser.fetch(stage.origin + "/auth/instagram/a-path-canary")
        for text in ["a-query-canary", "a-path-canary", Stage.appSecret, "acme_shop"] { canaries.add(.secret, text) }
        for row in try stage.kept.users() {
            canaries.add(.token, try row.token(stage.kept.keyring()))
            canaries.add(.secret, row.id)
            canaries.add(.secret, try #require(row.account))
        }
        let answer = try await scrape(stage)
        #expect(answer.body.count > 5_000)
        #expect(canaries.found(in: answer.body).map { "\($0.kind) \($0.form)" } == [])
    }
}
