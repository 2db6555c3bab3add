// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct WordsTests {
    /// Everything that there is to say, by what it is about.
    private static func all(_ words: Words) -> [String: String] {
        var said: [String: String] = [:]
        for child in Mirror(reflecting: words).children {
            if let text = child.value as? String { said[child.label!] = text }
        }
        for (place, month) in words.months.enumerated() { said["month \(place)"] = month }
        for state in StatusObject.State.allCases { said["state \(state)"] = words.state(state) }
        for error in ErrorCode.allCases { said["error \(error)"] = words.error(error) }
        for permission in Permission.allCases {
            said["permission \(permission)"] = words.permission(permission)
            said["need \(permission)"] = words.need(permission)
        }
        for kind in [ErasedKind.token, .account, .history] { said["erased \(kind)"] = words.erasedKind(kind) }
        let reasons = [
            "expired", "revoked", "password_changed", "removed_in_instagram", "checkpoint", "permission_missing",
            "not_eligible", "key_missing", nil,
        ]
        for reason in reasons { said["reason \(reason ?? "none")"] = words.reason(reason) }
        for error in ["permission_missing", "misconfigured", "limited", "revoked"] {
            said["messages \(error)"] = words.messagesFailure(error)
        }
        for type in ["BUSINESS", "MEDIA_CREATOR", "PERSONAL"] { said["type \(type)"] = words.accountTypes(type) }
        for (name, piece) in [
            ("as", words.connectedAs("#")), ("renews", words.renewsItself("#")),
            ("renews some day", words.renewsItself(nil)),
            ("expiring", words.expiring("#", true)), ("expiring some day", words.expiring(nil, false)),
        ] {
            said["piece \(name)"] = piece.markup
        }
        return said
    }

    @Test("each language says everything, in letters of its own")
    func complete() {
        let english = Self.all(.english)
        let arabic = Self.all(.arabic)
        #expect(Set(english.keys) == Set(arabic.keys) && english.count > 100)
        func isLatin(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) }
        func isArabic(_ scalar: Unicode.Scalar) -> Bool { (0x600...0x6ff).contains(scalar.value) }
        for (about, text) in english {
            #expect(text.unicodeScalars.contains(where: isLatin), "\(about)")
            #expect(!text.unicodeScalars.contains(where: isArabic), "\(about)")
        }
        for (about, text) in arabic {
            #expect(text.unicodeScalars.contains(where: isArabic), "\(about)")
            #expect(!text.unicodeScalars.contains(where: isLatin), "\(about)")
        }
    }

    @Test("a name and a time that are put in stay what they are", arguments: Language.allCases)
    func putIn(language: Language) {
        let words = language.words
        let name = HTML.name("<b>")
        #expect(words.connectedAs(name).markup.contains("<bdi>&lt;b&gt;</bdi>"))
        for piece in [words.renewsItself(name), words.expiring(name, true)] {
            #expect(piece.markup.components(separatedBy: "<bdi>&lt;b&gt;</bdi>").count == 2, "\(piece.markup)")
        }
    }

    @Test(
        "a time is a date for a person, in UTC",
        arguments: [
            (0, "1 January 1970, 00:00 UTC"), (1_772_546_705, "3 March 2026, 14:05 UTC"),
            (1_798_761_599, "31 December 2026, 23:59 UTC"), (1_709_164_800, "29 February 2024, 00:00 UTC"),
        ])
    func time(seconds: Int64, text: String) {
        let time = UnixTime(seconds)
        #expect(Words.english.time(time).markup == "<time datetime=\"\(time)\"><bdi>\(text)</bdi></time>")
        #expect(Words.arabic.time(time).markup.contains(", \(text.suffix(9))".replacing(",", with: "،")))
    }
}
