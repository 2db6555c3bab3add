// SPDX-License-Identifier: MIT
import Testing

/// Each fault that `check` promises to name, made for real: the program, nginx and the stand-in are the real ones.
@Suite(.serialized, .stage)
struct InjectedFaultTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
        if try stage.kept.users().isEmpty { _ = try await stage.connect(Browser()) }
    }

    private static func faults(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("fault  ") }.map {
            // A clock goes on while it is read.
            String($0.dropFirst(7)).replacing(/(is )(3600|360[1-5]|11[5-9]|120)( s )/) {
                $0.1 + ($0.2.hasPrefix("3") ? "3600" : "120") + $0.3
            }
        }
    }

    @Test("Nothing is wrong with an installation that is sound", arguments: [false, true])
    func sound(_ signsIn: Bool) async throws {
        try await Installation.use(stage) { installation in
            if signsIn { try installation.signIn() }
            let told = try await installation.check()
            #expect(Self.faults(told.lines) == [] && told.end == .exit(0))
            #expect(told.lines.contains("ok     authorize URL: leads to a login or consent page"))
            #expect(told.lines.contains("ok     clock: as Instagram's, to 60 s"))
            #expect(told.lines.allSatisfy { $0.hasPrefix("ok     ") || $0.hasPrefix("note   ") })
        }
    }

    @Test(
        "A fault is named with its setting and its remedy, and nothing else is",
        arguments: InjectedFault.all.filter {
            !$0.mounts || Stage.canMount
        })
    func named(_ fault: InjectedFault) async throws {
        try await Installation.use(stage) { installation in
            let expected = try await fault.inject(installation)
            let told = try await installation.check()
            #expect(Self.faults(told.lines) == expected)
            #expect(told.end == .exit(78))
            #expect(!told.lines.joined().contains(Stage.appSecret))
            // What there is of libraries and keys is listed all the same.
            let listed: Set<Substring> = ["libraries", "IG_SHOP_AUTH_KEYS"]
            for name in Set(expected.map { $0.prefix { $0 != ":" } }).subtracting(listed) {
                #expect(!told.lines.contains { $0.hasPrefix("ok     \(name):") }, "\(name) is both")
            }
        }
    }

    @Test(
        "What Instagram does not let it see is a note and no fault",
        arguments: [
            ("html-502", "502 from URL"), ("html-200", "200 with a page that nobody knows"),
            ("empty-200", "200 with a page that nobody knows"), ("drop", "URL: interrupted (curl 52)"),
            ("huge", "URL: answer too large"), ("hang", "URL: deadline passed before the answer was complete"),
            ("transient", "Instagram says \"An unexpected error has occurred. Please retry your request later.\""),
        ])
    func unclear(_ kind: String, _ why: String) async throws {
        try await stage.standIn.fail("authorize", kind)
        try await Installation.use(stage) { installation in
            let told = try await installation.check()
            #expect(told.end == .exit(0) && Self.faults(told.lines) == [])
            let note =
                "note   META_WWW_URL: cannot tell whether the authorize URL leads to a login or consent page: "
                + why.replacing("URL", with: stage.standIn.url)
            #expect(told.lines.contains(note), "\(told.lines)")
        }
        try await stage.standIn.reset()
    }

    @Test("Where nobody answers, an id that looks like no Instagram app's is a note")
    func unreachable() async throws {
        try await Installation.use(stage) { installation in
            installation.environment["META_WWW_URL"] = "http://127.0.0.1:\(try Ports.free())"
            installation.environment["META_APP_ID"] = "1234567"
            let told = try await installation.check()
            #expect(told.end == .exit(0))
            let notes = told.lines.filter { $0.hasPrefix("note   META") }
            #expect(notes.count == 2 && notes[0].hasSuffix(": unreachable (curl 7)"), "\(notes)")
            #expect(
                notes.last
                    == "note   META_APP_ID: has 7 digits, and ids of Instagram apps have about 15; see that it is one")
        }
    }

    @Test("A page of a frontend may be the redirect URI: a note says what it has to do")
    func elsewhere() async throws {
        try await Installation.use(stage) { installation in
            installation.environment["META_REDIRECT_URI"] = stage.origin + "/shop/connected"
            let told = try await installation.check()
            #expect(
                told.lines.contains(
                    "note   META_REDIRECT_URI: /shop/connected is not /auth/instagram/callback,"
                        + " so a page of yours has to call that with the code and the state"))
        }
    }

    @Test("A redirect URI on an origin that is neither ours nor allowed is a fault; on an allowed one it is none")
    func elsewhereAllTheWay() async throws {
        try await Installation.use(stage) { installation in
            installation.environment["META_REDIRECT_URI"] = stage.origin + "/auth/instagram/callback"
            installation.environment["IG_SHOP_AUTH_PUBLIC_URL"] = "http://api.shop.localhost:8080"
            func told() async throws -> [String] {
                try await installation.check().lines.filter { $0.contains("META_REDIRECT_URI: is on") }
            }
            let first = try await told()
            #expect(
                first == [
                    "fault  META_REDIRECT_URI: is on \(stage.origin), which is neither the public origin"
                        + " (http://api.shop.localhost:8080) nor one of IG_SHOP_AUTH_ALLOWED_ORIGINS, so that nothing can"
                        + " be connected; if a page of yours is there, add it"
                ])
            installation.environment["IG_SHOP_AUTH_ALLOWED_ORIGINS"] = stage.origin
            let second = try await told()
            #expect(second == [])
        }
    }
}
