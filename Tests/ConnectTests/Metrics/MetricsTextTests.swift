// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite struct MetricsTextTests {
    private static func text(_ write: (inout MetricsText) -> Void) -> String {
        var text = MetricsText()
        write(&text)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test("help and labels are escaped as the format says, each in its own way")
    func escaping() {
        let text = Self.text { text in
            text.family("a_total", .counter, "a \"quote\", a \\ and a\nline")
            text.sample("a_total", MetricsText.labels([("x", "a\"b\\c\nd"), ("y", "é{},=")]), 1)
        }
        #expect(
            text == """
                # HELP a_total a "quote", a \\\\ and a\\nline
                # TYPE a_total counter
                a_total{x="a\\"b\\\\c\\nd",y="é{},="} 1

                """)
    }

    @Test(
        "a number is one that Prometheus reads",
        arguments: [
            (0.25, "0.25"), (-1, "-1.0"), (1e-7, "1e-07"), (1e300, "1e+300"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)])
    func numbers(_ value: Double, _ text: String) {
        #expect(Self.text { $0.sample("a", "", value) } == "a \(text)\n")
        #expect(Self.text { $0.sample("a", "", UInt64.max) } == "a 18446744073709551615\n")
    }

    @Test("counters are all there from the start; what is in no list is `other`, or nothing")
    func counters() {
        let counters = Counters("c_total", "C.", .init("a", ["x", "y"]), .init("b", ["1", "other"]))
        counters.count("y", "1")
        counters.count("y", "foreign\ntext")
        counters.count("y", "foreign")
        counters.count("foreign", "1")
        let lines = Self.text { counters.write(to: &$0) }.split(separator: "\n").dropFirst(2)
        #expect(
            Array(lines) == [
                #"ig_shop_auth_c_total{a="x",b="1"} 0"#, #"ig_shop_auth_c_total{a="x",b="other"} 0"#,
                #"ig_shop_auth_c_total{a="y",b="1"} 1"#, #"ig_shop_auth_c_total{a="y",b="other"} 2"#,
            ])
        let single = Counters("s_total", "S.")
        single.count()
        #expect(Self.text { single.write(to: &$0) }.hasSuffix("\nig_shop_auth_s_total 1\n"))
    }

    @Test("buckets are cumulative, a bound belongs to its bucket, sum and count are exact")
    func histogram() {
        let durations = Durations("d_seconds", "D.", label: "l", values: ["x", "y"], bounds: [1_000, 500_000])
        for microseconds in [0, 999, 1_000, 1_001, 500_000, 500_001, 7_000_000] {
            durations.observe(1, microseconds: microseconds)
        }
        let lines = Self.text { durations.write(to: &$0) }.split(separator: "\n").dropFirst(2)
        #expect(
            Array(lines) == [
                #"ig_shop_auth_d_seconds_bucket{l="x",le="0.001"} 0"#,
                #"ig_shop_auth_d_seconds_bucket{l="x",le="0.5"} 0"#,
                #"ig_shop_auth_d_seconds_bucket{l="x",le="+Inf"} 0"#, #"ig_shop_auth_d_seconds_sum{l="x"} 0.0"#,
                #"ig_shop_auth_d_seconds_count{l="x"} 0"#,
                #"ig_shop_auth_d_seconds_bucket{l="y",le="0.001"} 3"#,
                #"ig_shop_auth_d_seconds_bucket{l="y",le="0.5"} 5"#,
                #"ig_shop_auth_d_seconds_bucket{l="y",le="+Inf"} 7"#, #"ig_shop_auth_d_seconds_sum{l="y"} 8.003001"#,
                #"ig_shop_auth_d_seconds_count{l="y"} 7"#,
            ])
    }

    @Test("no count is lost when many count at once")
    func concurrent() async {
        let metrics = Metrics()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        metrics.request(.status, method: .get, status: 200, microseconds: 10)
                        metrics.callback("connected")
                    }
                }
            }
        }
        let samples = Samples(metrics.text(nil, flowsInFlight: 0, now: Shop.begin))
        #expect(
            samples[#"ig_shop_auth_requests_total{route="/auth/instagram/status",method="GET",status="200"}"#] == 8_000)
        #expect(samples[#"ig_shop_auth_request_duration_seconds_count{route="/auth/instagram/status"}"#] == 8_000)
        #expect(samples[#"ig_shop_auth_callbacks_total{outcome="connected"}"#] == 8_000)
    }

    @Test("everything that can be told fits into an answer: below 150 KB with every series")
    func size() {
        let metrics = Metrics(version: "0.1.0")
        let statuses = Set([200, 303] + ErrorCode.allCases.map(\.status.code)).sorted()
        for route in Endpoint.allCases.map(Optional.some) + [nil] {
            for method in [HTTPRequest.Method.get, .head, .post, .delete, .init("FOO")!] {
                // A method that a route does not take has one answer.
                let isTaken = route?.methods.contains(method) ?? false
                for status in isTaken ? statuses : [route == nil ? 404 : 405] {
                    metrics.request(route, method: method, status: status, microseconds: 123_456_789)
                }
            }
        }
        let census = Census(
            users: [:], nextExpiry: Shop.begin, backlog: 0, isAppFailing: true, appPausedUntil: Shop.begin)
        let bytes = metrics.text(census, flowsInFlight: 1, now: Shop.begin)
        #expect(bytes.count < 150_000)
        #expect(bytes.last == UInt8(ascii: "\n"))
        let names = Samples(bytes).values.keys
        #expect(names.count == Set(names).count)
        #expect(names.contains { $0.contains(#"method="other",status="404""#) })
        #expect(!names.contains { $0.contains("FOO") })
    }

    @Test("every outcome of a call, of a callback and every event has a series before it happens")
    func fromTheStart() {
        let samples = Samples(Metrics().text(nil, flowsInFlight: 0, now: Shop.begin))
        for call in Call.Name.allCases {
            for outcome in CallOutcome.allCases {
                let name = #"instagram_calls_total{call="\#(call.rawValue)",outcome="\#(outcome.rawValue)"}"#
                #expect(samples["ig_shop_auth_" + name] == 0)
            }
        }
        for code in ErrorCode.allCases {
            #expect(samples[#"ig_shop_auth_callbacks_total{outcome="\#(code.publicCode)"}"#] == 0)
        }
        for event in Event.Kind.allCases {
            #expect(samples[#"ig_shop_auth_events_total{type="\#(event.rawValue)"}"#] == 0)
        }
        for outcome in RenewalOutcome.allCases {
            #expect(samples[#"ig_shop_auth_renewals_total{outcome="\#(outcome.rawValue)"}"#] == 0)
        }
        for name in ["unreadable_rows_total", "unknown_answers_total", "journal_lines_lost_total"] {
            #expect(samples["ig_shop_auth_" + name] == 0)
        }
        #expect(!samples.values.keys.contains { $0.hasPrefix("ig_shop_auth_requests_total") })
    }

    @Test("a failure of Instagram is counted by what it means")
    func outcomes() {
        let cases: [(InstagramFailure, CallOutcome)] = [
            (.transport(.exchangeCode, .unreachable("canary")), .unreachable),
            (.transport(.exchangeCode, .broken("canary")), .broken), (.transport(.readProfile, .deadline), .deadline),
            (.transport(.readProfile, .unconnected), .unconnected), (.transport(.readProfile, .tooLarge), .tooLarge),
            (.answer(.readProfile, status: 400, code: 190, subcode: 463, .dead(.expired)), .dead),
            (.answer(.readProfile, status: 429, code: nil, subcode: nil, .limited(.app, seconds: 9)), .limited),
            (.answer(.readProfile, status: 400, code: 190, subcode: 459, .checkpoint), .checkpoint),
        ]
        for (failure, outcome) in cases { #expect(failure.outcome == outcome) }
    }
}
