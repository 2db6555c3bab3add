// SPDX-License-Identifier: MIT
import HTTPTypes
import TestSupport
import Testing
import Vault

@testable import Connect

/// Forged cookies of every kind, and the product's verdict on each: a flow, a session, or nothing.
@Suite struct ForgeryTests {
    /// A site with flows that are open and people who are signed in, some cookies signed with its second key.
    private final class Bench: Sendable {
        let shop: Shop
        let samples: [Sample]
        let foreign: [Keyring]

        init() async throws {
            let directory = try TemporaryDirectory()
            var samples: [Sample] = []
            for keys in [["b"], ["a", "b"]] {
                let shop = try Shop(in: directory, keys: keys)
                for index in 0..<6 {
                    var browser = Browser()
                    let query = ["", "?return_to=/a", "?return_to=/" + String(repeating: "a", count: 40 * index)][
                        index % 3]
                    let state = try #require(await shop.start(&browser, query: query).state)
                    samples.append(Sample(try #require(browser.flows.first), state: state))
                    var visitor = Browser()
                    shop.instagram.account = "178414583661379\(70 + index)"
                    await shop.connect(&visitor)
                    samples.append(Sample(try #require(visitor.session), state: state))
                }
                if keys.count == 1 { try shop.store.close() }
            }
            self.samples = samples
            shop = try Shop(in: directory, keys: ["a", "b", "third"])
            // The same id with other bytes is another installation's key.
            let namesake = Keyring.generateLine(
                id: KeyID("a")!, random: Randomness { [UInt8](repeating: 7, count: $0) })
            foreign = try [Shop.line("third"), Shop.line("removed"), namesake].map {
                try Keyring(parsing: $0.utf8)
            }
        }

        func forger(_ seed: UInt64) -> Forger {
            Forger(numbers: SeededNumbers(seed), samples: samples, foreign: foreign)
        }

        /// Whether anything comes of a forgery: at the keyring, as a flow, or as a session.
        func accepts(_ forgery: Forgery) -> Bool {
            let cookies = CookieHeader(forgery.field)
            let flow = FlowCookies(cookies, keyring: shop.keyring, now: TestClock(Shop.begin).now)
                .ticket(state: forgery.state)
            let session = Session(cookies, keyring: shop.keyring, now: Shop.begin)
            let value = forgery.value.map { value in
                forgery.purposes.contains { shop.keyring.verify(value, for: $0) != nil }
            }
            return flow != nil || session != nil || value ?? false
        }
    }

    @Test("of a long run of forged cookies of every kind none is accepted (checklist 8, 9, 10, 26, 31)")
    func forged() async throws {
        let bench = try await Bench()
        let count = Soak.times(50_000, full: 1_000_000)
        let lanes = 2
        let accepted = await withTaskGroup(of: [String].self) { group in
            for lane in 0..<lanes {
                group.addTask { @concurrent in
                    var forger = bench.forger(UInt64(lane))
                    var accepted: [String] = []
                    for index in 0..<count / lanes {
                        let (name, trick) = Forger.tricks[index % Forger.tricks.count]
                        let forgery = trick(&forger)
                        if bench.accepts(forgery) { accepted.append("\(name): \(forgery.field.debugDescription)") }
                        if index % 1_000 == 0 { await Task.yield() }
                    }
                    return accepted
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(accepted.prefix(10) == [])
        Soak.record("forged cookies of \(Forger.tricks.count) kinds", count, "\(accepted.count) accepted")
    }

    @Test("every flipped bit of every genuine cookie is refused, in the text and in what it stands for (checklist 8)")
    func flipped() async throws {
        let bench = try await Bench()
        var accepted: [String] = []
        for sample in bench.samples {
            for bit in 0..<sample.value.count * 8 {
                var value = sample.value
                value[bit / 8] ^= 1 << UInt8(bit % 8)
                if bench.accepts(sample.carrying(value)) { accepted.append("text, bit \(bit) of \(sample.name)") }
            }
            for bit in 0..<(sample.payload + sample.mac).count * 8 {
                var bytes = sample.payload + sample.mac
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                if bench.accepts(sample.carrying(payload: bytes, mac: [])) {
                    accepted.append("bytes, bit \(bit) of \(sample.name)")
                }
            }
        }
        #expect(accepted.prefix(10) == [])
    }

    @Test("the genuine ones are accepted: the same verdict can be the other one")
    func genuine() async throws {
        let bench = try await Bench()
        #expect(bench.samples.count == 24)
        for sample in bench.samples { #expect(bench.accepts(sample.carrying(sample.value)), "\(sample.name)") }
    }

    @Test("what the site makes of forged cookies: no flow, no call to Instagram, nobody signed in, nothing evicted")
    func atTheSite() async throws {
        let bench = try await Bench()
        let shop = bench.shop
        var forger = bench.forger(99)
        let flows = try shop.phases().count
        let count = Soak.times(1_000, full: 20_000)
        var sent = 0
        for index in 0..<count {
            let (name, trick) = Forger.tricks[index % Forger.tricks.count]
            let forgery = trick(&forger)
            // What no field of HTTP may hold never arrives.
            guard HTTPField.isValidValue(forgery.field) else { continue }
            sent += 1
            let callback = await shop.answer(
                Self.request(Route.callback + "?code=\(Shop.code)&state=\(forgery.state)", forgery))
            #expect(callback.json["error"] as? String == "invalid_state" && callback.cookies.isEmpty, "\(name)")
            let status = await shop.answer(Self.request(Route.status, forgery))
            #expect(status.json["state"] as? String == "not_connected" && status.cookies.isEmpty, "\(name)")
            let start = await shop.answer(Self.request(Route.start, forgery))
            #expect(start.cookies.count == 1, "\(name): its own, and the end of none")
        }
        #expect(sent > count / 2 && shop.instagram.calls.isEmpty)
        #expect(try shop.phases().count == flows, "no flow was claimed")
        Soak.record("forged cookies at three routes", sent * 3, "0 calls to Instagram, 0 signed in")
    }

    /// One line, as it came: to set a cookie by its name would take it apart and trim the parts.
    private static func request(_ path: String, _ forgery: Forgery) -> Request {
        let request = Request.json(.get, path)
        var head = request.head
        head.headerFields.append(HTTPField(name: .cookie, value: forgery.field))
        return Request(head: head, body: [], id: Request.id, surface: .public)
    }
}
