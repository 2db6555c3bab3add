// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Vault

/// A search that finds nothing shows something only if it finds what is there.
@Suite
struct CanariesTests {
    private static let value = Array("a-long_enough.value~of/40+bytes=0123456789".utf8)

    @Test("A value is found in each form, wherever it stands in a group of base64, whole and in part")
    func found() {
        var canaries = Canaries()
        canaries.add(.token, Self.value)
        for before in 0..<7 {
            let around = Randomness.system.bytes(before)
            for part in [Self.value[...], Self.value.dropFirst(5), Self.value.dropLast(7), Self.value[9..<33]] {
                let text = around + part + around
                let base64 = Data(text).base64EncodedString()
                let url = base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
                let hex = text.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                let percent = text.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                for form in [base64, url, hex, hex.uppercased(), percent, percent.uppercased()] {
                    #expect(canaries.found(in: Data("{\"x\":\"\(form)\"}".utf8)).contains { $0.kind == .token })
                }
                #expect(canaries.found(in: Data(text)).contains { $0.kind == .token && $0.form == "raw" })
            }
        }
    }

    @Test("What is not there is not found")
    func notFound() {
        var canaries = Canaries()
        canaries.add(.token, Self.value)
        #expect(canaries.found(in: Data(Randomness.system.bytes(200_000))).isEmpty)
        #expect(canaries.found(in: Data(Self.value.prefix(11))).isEmpty)
        #expect(canaries.found(in: Data()).isEmpty)
    }
}
