// SPDX-License-Identifier: MIT
import Instagram
import TestSupport
import Testing
import Vault

@Suite struct SignedRequestTests {
    private static let secret = "test_instagram_app_secret"
    /// The vector of the wire contract (7.7).
    private static let vector =
        "K8hO0EF5Y5h6SijOLuOJGIpq9SL77ZHNMHiNBJpSCr8"
        + ".eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc2NzIyNTYwMCwidXNlcl9pZCI6IjI3NjQwODc1MzkyMjc4ODMxIn0"
    private static let (mac, encoded) = (vector.prefix(43), vector.dropFirst(44))

    private static func verified(
        _ text: String, _ secrets: [String] = [secret]
    ) throws(SignedRequestFault) -> SignedRequest {
        try SignedRequest(verifying: text, with: secrets.map { AppSecret(utf8: $0) })
    }

    /// nil for one that verifies.
    private static func fault(_ text: String, _ secrets: [String] = [secret]) -> SignedRequestFault? {
        do throws(SignedRequestFault) {
            _ = try verified(text, secrets)
            return nil
        } catch {
            return error
        }
    }

    /// Of a payload that is signed as it should be.
    private static func fault(signed payload: String) -> SignedRequestFault? {
        fault(MetaSignature.signedRequest(payload: payload, secret: secret))
    }

    private static func payload(
        algorithm: String = #""HMAC-SHA256""#, issuedAt: String = "1767225600", userID: String = #""27640875392278831""#
    ) -> String {
        #"{"algorithm":\#(algorithm),"issued_at":\#(issuedAt),"user_id":\#(userID)}"#
    }

    @Test("the published vector says who and when (7.7)")
    func good() throws {
        let request = try Self.verified(Self.vector)
        #expect(request.userID.digits == "27640875392278831" && request.issuedAt == 1_767_225_600)
        #expect(request.digest == Digest.sha256(Self.encoded.utf8))
        // Computed apart from this: HMAC-SHA-256 of the label and the encoded payload, its first 16 bytes.
        #expect(request.confirmationCode == "xMgH9L_zOZ19JVprz_lNqQ")
        #expect(
            MetaSignature.signedRequest(userID: "27640875392278831", issuedAt: 1_767_225_600, secret: Self.secret)
                == Self.vector)
    }

    @Test("with any one bit changed it is refused, before anything in it is read")
    func flippedBits() {
        let bytes = Array(Self.vector.utf8)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            let fault = Self.fault(String(decoding: changed, as: UTF8.self))
            #expect(fault == .forged || fault == .malformed, "bit \(bit)")
        }
    }

    @Test("one that is cut or longer is refused")
    func otherLengths() {
        for count in 0..<Self.vector.count { #expect(Self.fault(String(Self.vector.prefix(count))) != nil) }
        for more in ["A", "AA", "AAAA", "=", "==", " ", "\n", "\u{0}", ".", ".AA", "&"] {
            #expect(Self.fault(Self.vector + more) != nil && Self.fault(more + Self.vector) != nil, "\(more)")
        }
    }

    @Test("another payload under the same MAC is refused, and another MAC over the same payload")
    func swapped() {
        let other = MetaSignature.signedRequest(userID: "1", issuedAt: 1_767_225_600, secret: Self.secret)
        let parts = other.split(separator: ".")
        #expect(Self.fault("\(Self.mac).\(parts[1])") == .forged)
        #expect(Self.fault("\(parts[0]).\(Self.encoded)") == .forged)
        #expect(Self.fault("\(Self.encoded).\(Self.mac)") == .malformed)
    }

    @Test("there is exactly one dot, with something on both sides")
    func dots() {
        for text in [
            "", ".", "..", "\(Self.mac)\(Self.encoded)", "\(Self.mac).", ".\(Self.encoded)", "\(Self.mac)",
            "\(Self.mac)..\(Self.encoded)", "\(Self.mac).\(Self.encoded).", ".\(Self.vector)",
            "\(Self.mac).\(Self.encoded).\(Self.encoded)", "\(Self.mac)%2E\(Self.encoded)",
        ] { #expect(Self.fault(text) == .malformed, "\(text)") }
        let empty = MetaSignature.signedRequest(encoded: "", secret: Self.secret)
        #expect(Self.fault(empty) == .malformed)
    }

    @Test("padding is taken where it belongs: the MAC is over the text as it came")
    func padding() throws {
        for filler in ["", ",\"a\":1", ",\"a\":12", ",\"a\":123"] {
            let payload = Self.payload(userID: "\"7\"\(filler)")
            for padded in [false, true] {
                let text = MetaSignature.signedRequest(payload: payload, secret: Self.secret, padded: padded)
                #expect(try Self.verified(text).userID.digits == "7")
            }
        }
        #expect(try Self.verified("\(Self.mac)=.\(Self.encoded)").userID.digits == "27640875392278831")
        for mac in ["\(Self.mac)==", "=\(Self.mac)", "\(Self.mac.dropLast())=", "\(Self.mac.dropLast())=8", "===="] {
            #expect(Self.fault("\(mac).\(Self.encoded)") == .malformed, "\(mac)")
        }
        #expect(Self.fault("\(Self.vector)=") == .forged, "what was not signed")
        let encoded = String(Self.encoded)
        for text in ["=", encoded + "==", "=" + encoded, encoded.dropLast() + "=", encoded + "===="] {
            #expect(Self.fault(MetaSignature.signedRequest(encoded: text, secret: Self.secret)) == .payload, "\(text)")
        }
    }

    @Test("base64url is read strictly: no other alphabet, no stray bits, no blanks")
    func encoding() {
        // The bits of the 43rd letter that belong to no byte.
        for letter in ["9", "-", "_"] { #expect(Self.fault("\(Self.mac.dropLast())\(letter).\(Self.encoded)") != nil) }
        for mac in ["\(Self.mac.dropLast(2))+8", "\(Self.mac.dropLast(2))/8", "\(Self.mac.dropLast(2)) 8"] {
            #expect(Self.fault("\(mac).\(Self.encoded)") == .malformed)
        }
        // `{}` and what looks like it.
        for text in ["e31", "e3 0", "e30\n", "e30%3D", "e", "e3", "e30+", "e30/", "é", "\u{0}"] {
            #expect(Self.fault(MetaSignature.signedRequest(encoded: text, secret: Self.secret)) == .payload, "\(text)")
        }
    }

    @Test("a MAC has 32 bytes: no part of one is enough", arguments: [0, 1, 2, 16, 31, 33, 64])
    func macLength(count: Int) {
        let mac = HMACSHA256(key: AppSecret(utf8: Self.secret)).authenticate(Array(Self.encoded.utf8))
        let text = Base64URL.encode((mac + mac).prefix(count))
        #expect(Self.fault("\(text).\(Self.encoded)") == .malformed)
    }

    @Test("of 8,192 bytes it is taken, of more it is not even verified")
    func length() throws {
        func signed(_ bytes: Int) -> String {
            let start = Self.payload(userID: "7,\"a\":\"\"").utf8.count
            let payload = Self.payload(userID: "7,\"a\":\"\(String(repeating: "x", count: bytes - start))\"")
            return MetaSignature.signedRequest(payload: payload, secret: Self.secret)
        }
        #expect(signed(6_111).utf8.count == 8_192)
        #expect(try Self.verified(signed(6_111)).userID.digits == "7")
        for bytes in [6_112, 60_000, 1_000_000] { #expect(Self.fault(signed(bytes)) == .malformed) }
    }

    @Test("any of the secrets may have signed it; without one, or with an empty one, nobody has")
    func secrets() throws {
        let codes = try [[Self.secret], [Self.secret, "x"], ["x", "", Self.secret], ["x", "y", Self.secret, "z"]].map {
            try Self.verified(Self.vector, $0).confirmationCode
        }
        #expect(Set(codes).count == 1)
        for secrets in [[], [""], ["x"], ["", ""], ["x", "y"], [Self.secret + "x"], [Self.secret.uppercased()]] {
            #expect(Self.fault(Self.vector, secrets) == .forged)
        }
        let unsigned = MetaSignature.signedRequest(payload: Self.payload(), secret: "")
        #expect(Self.fault(unsigned, [""]) == .forged && Self.fault(unsigned, [Self.secret, ""]) == .forged)
        let app = App(
            id: "1", secret: AppSecret(utf8: "a"), redirectURI: "https://x.example/cb",
            extraSecrets: [AppSecret(utf8: "b"), AppSecret(utf8: Self.secret)])
        #expect(app.signingSecrets.map { $0.exposedText() } == ["a", "b", Self.secret])
        #expect(App.sample.signingSecrets == [AppSecret(utf8: Self.secret)])
        #expect(try SignedRequest(verifying: Self.vector, with: app.signingSecrets).confirmationCode == codes[0])
    }

    @Test("the same payload has the same digest and code; another one, or another secret, has others")
    func codes() throws {
        let texts = [
            Self.vector, Self.vector, MetaSignature.signedRequest(payload: Self.payload(), secret: "another"),
            MetaSignature.signedRequest(payload: Self.payload(issuedAt: "1767225601"), secret: Self.secret),
            MetaSignature.signedRequest(payload: Self.payload(userID: "1"), secret: Self.secret),
        ]
        let requests = try texts.map { try Self.verified($0, [Self.secret, "another"]) }
        #expect(requests.allSatisfy { Base64URL.decode($0.confirmationCode.utf8)?.count == 16 })
        #expect(requests.allSatisfy { $0.confirmationCode.count == 22 && $0.digest.count == 32 })
        #expect(requests[0].confirmationCode == requests[1].confirmationCode)
        #expect(Set(requests.map(\.confirmationCode)).count == 4)
        #expect(Set(requests.map(\.digest)).count == 3, "of the payload alone")
        let macs = texts.map { $0.split(separator: ".")[0].prefix(22) }
        #expect(
            zip(requests, macs).allSatisfy { $0.confirmationCode != $1 }, "not the MAC that everybody on the way saw")
    }

    @Test("only HMAC-SHA-256 is one, in capitals or not (7.7)")
    func algorithm() {
        for good in ["HMAC-SHA256", "hmac-sha256", "Hmac-Sha256"] {
            #expect(Self.fault(signed: Self.payload(algorithm: "\"\(good)\"")) == nil)
        }
        for bad in [
            "\"none\"", "\"\"", "\"HMAC-SHA1\"", "\"HMAC-SHA512\"", "\"HMACSHA256\"", "\"HMAC-SHA256 \"",
            "\" HMAC-SHA256\"", "\"HMAC-\u{17f}HA256\"", "\"HMAC_SHA256\"", "\"HMAC-SHA256\\u0000\"", "\"AES-256-CBC\"",
            "null", "256", "true", "{}", "[\"HMAC-SHA256\"]",
        ] { #expect(Self.fault(signed: Self.payload(algorithm: bad)) == .algorithm, "\(bad)") }
        #expect(Self.fault(signed: #"{"issued_at":1767225600,"user_id":"7"}"#) == .algorithm)
        let forged = MetaSignature.signedRequest(payload: Self.payload(algorithm: "\"none\""), secret: "x")
        #expect(Self.fault(forged) == .forged, "what it says is not even looked at")
    }

    @Test("the person is a row of digits, as a string or as a number: not one is lost (2.7)")
    func userID() throws {
        for id in ["27640875392278831", "30927608773521030", "17841458366137975", "9007199254740993", "7"] {
            for form in [id, "\"\(id)\""] {
                let text = MetaSignature.signedRequest(payload: Self.payload(userID: form), secret: Self.secret)
                #expect(try Self.verified(text).userID.digits == id)
            }
        }
        for bad in [
            "null", "true", "-1", "1.5", "1e400", #""""#, #""-1""#, #""1 ""#, #""0x1f""#, #""7' OR 1""#, #""١٢""#,
            "[7]", #"{"id":"7"}"#, "\"\(String(repeating: "1", count: 33))\"",
        ] { #expect(Self.fault(signed: Self.payload(userID: bad)) == .payload, "\(bad)") }
        #expect(Self.fault(signed: #"{"algorithm":"HMAC-SHA256","issued_at":1,"user":{"id":"7"}}"#) == .payload)
    }

    @Test("the time of issue is a whole number of seconds, and has to be there")
    func issuedAt() throws {
        for (form, seconds) in [
            ("1767225600", 1_767_225_600), ("\"1767225600\"", 1_767_225_600), ("0", 0),
            ("253402300799", 253_402_300_799),
        ] as [(String, Int64)] {
            let text = MetaSignature.signedRequest(payload: Self.payload(issuedAt: form), secret: Self.secret)
            #expect(try Self.verified(text).issuedAt == seconds)
        }
        for bad in [
            "null", "true", "-1", "1767225600.5", "1e300", "253402300800", "9223372036854775807", "9223372036854775808",
            #""""#, #""-1""#, #""+1""#, #""1767225600.0""#, #"" 1""#, #""9223372036854775808""#,
            #""2026-01-01T00:00:00Z""#, "[]",
        ] { #expect(Self.fault(signed: Self.payload(issuedAt: bad)) == .payload, "\(bad)") }
        #expect(Self.fault(signed: #"{"algorithm":"HMAC-SHA256","user_id":"7"}"#) == .payload)
    }

    @Test("what is signed and no object is refused, however odd")
    func payloads() {
        for payload in [
            "x", "[]", "null", "7", "\"HMAC-SHA256\"", "{", "{\"a\"", String(repeating: "[", count: 6_000),
            Self.payload() + "x", "\u{0}",
        ] { #expect(Self.fault(signed: payload) == .payload, "\(payload.prefix(40))") }
        let user = #""user":{"country":"de","locale":"de_DE"}"#
        #expect(Self.fault(signed: Self.payload(userID: "7,\(user)")) == nil, "more than is needed may be there")
    }

    @Test("nothing of it prints (checklist 34)")
    func printing() throws {
        let request = try Self.verified(Self.vector)
        var dumped = ""
        dump(request, to: &dumped)
        let printed = "\(request)" + String(reflecting: request) + dumped
        #expect(!printed.contains(request.confirmationCode) && !printed.contains(request.userID.digits))
        #expect([SignedRequestFault.malformed, .forged].map { "\($0)" } == ["malformed", "forged"])
    }
}
