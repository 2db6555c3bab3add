// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct SecretTests {
    static let text = "IGAAhunter2"
    static let secret = LongLivedToken(utf8: text)

    /// Every way to print that Swift has.
    static func printed(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ""
        print(value, terminator: "", to: &printed)
        debugPrint(value, terminator: "", to: &printed)
        let children = Mirror(reflecting: value).children.map { "\($0)" }.joined()
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, printed, children]
    }

    @Test("a secret does not print, whichever way it is printed (checklist 34)")
    func doesNotPrint() {
        for output in Self.printed(Self.secret) {
            #expect(!output.contains("hunter2") && !output.contains("104"))
        }
        #expect("\(Self.secret)" == "‹secret›")
        #expect(String(reflecting: Self.secret) == "‹secret›")
        #expect(Mirror(reflecting: Self.secret).children.isEmpty)
    }

    @Test("a secret does not print from inside another value")
    func doesNotPrintFromInside() {
        struct Request { let name = "extend-token", query = QueryString(utf8: SecretTests.text) }
        let containers: [Any] = [
            Request(), [Self.secret], ["token": Self.secret], Optional(Self.secret) as Any, (1, Self.secret),
            Result<LongLivedToken, Never>.success(Self.secret),
        ]
        for output in containers.flatMap(Self.printed) {
            #expect(!output.contains("hunter2"))
        }
    }

    @Test("a keyring does not print its keys")
    func keyringDoesNotPrint() throws {
        let line = Samples.line("a")
        let key = line.split(separator: " ")[1]
        for output in Self.printed(try Samples.keyring("a")) { #expect(!output.contains(key)) }
    }

    @Test("a secret gives back the bytes it was made of")
    func keepsBytes() {
        #expect(Self.secret.withBytes(Array.init) == Array(Self.text.utf8))
        #expect(Self.secret.exposedText() == Self.text)
        #expect(Self.secret.count == 11 && !Self.secret.isEmpty)
    }

    @Test("an empty secret is empty and equals another")
    func empty() {
        let empty = AppSecret(copying: [])
        #expect(empty.isEmpty && empty == AppSecret(utf8: "") && empty.exposedText() == "")
    }

    @Test("any collection of bytes can be copied", arguments: [0, 1, 7, 4096])
    func copiesAnyCollection(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(FormBody(copying: bytes) == FormBody(copying: bytes.lazy.map { $0 }))
        #expect(FormBody(copying: bytes) == FormBody(copying: ([9] + bytes).dropFirst()))
    }

    @Test("secrets differ where one bit or the length does (checklist 7)")
    func equality() {
        let bytes = Array(Self.text.utf8)
        #expect(AppSecret(copying: bytes) == AppSecret(copying: bytes))
        for bit in 0..<bytes.count * 8 {
            #expect(AppSecret(copying: bytes) != AppSecret(copying: bytes.flipping(bit: bit)))
        }
        #expect(AppSecret(copying: bytes) != AppSecret(copying: bytes.dropLast()))
        #expect(AppSecret(copying: bytes) != AppSecret(copying: bytes + [0]))
    }

    @Test("what the closure throws comes out as what it is")
    func typedThrow() {
        enum Refusal: Error { case no }
        #expect(throws: Refusal.no) { try Self.secret.withBytes { _ throws(Refusal) in throw Refusal.no } }
    }
}
