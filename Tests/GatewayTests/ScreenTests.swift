// SPDX-License-Identifier: MIT
import Gateway
import Testing

@Suite struct ScreenTests {
    @Test(arguments: RequestStream.valid)
    func aRequestIsWholeWithItsLastByteAndNotBefore(stream: RequestStream) {
        let bytes = stream.bytes
        for count in bytes.indices {
            #expect(verdict(Array(bytes[..<count])) == .incomplete)
        }
        #expect(verdict(bytes) == .whole)
    }

    @Test func aScreenRemembersNothingOfTheStreamBefore() {
        var screen = Screen(limit: 65_536)
        for stream in RequestStream.valid {
            let bytes = stream.bytes
            #expect(bytes.dropLast().withUnsafeBytes { screen.judge($0) } == .incomplete)
            #expect(bytes.withUnsafeBytes { screen.judge($0) } == .whole)
        }
    }

    @Test func nothingIsIncomplete() {
        #expect(verdict([]) == .incomplete)
    }

    @Test func aRequestMayFillTheLimit() {
        let bytes = RequestStream.request("GET", "/").bytes
        #expect(verdict(bytes, limit: bytes.count) == .whole)
        #expect(verdict(bytes, limit: bytes.count - 1) == .refused(.tooLarge))
    }

    @Test func aPeerThatCanNoLongerFitIsRefusedAtOnce() {
        let padded = begin() + params(pair("A", "B"), padding: 255)
        #expect(verdict(Array(padded.prefix(24)), limit: 270) == .refused(.tooLarge))
        #expect(verdict(Array(begin() + params()), limit: 24) == .refused(.tooLarge))
    }
}

func verdict(_ bytes: [UInt8], limit: Int = 65_536) -> Screen.Verdict {
    var screen = Screen(limit: limit)
    return bytes.withUnsafeBytes { screen.judge($0) }
}
