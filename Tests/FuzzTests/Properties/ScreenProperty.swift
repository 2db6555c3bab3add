// SPDX-License-Identifier: MIT
import TestSupport

@testable import Gateway

extension Property {
    /// The screen accepts exactly what a second reading of the specification calls one whole request, waits for the
    /// rest of every beginning of one, and what it accepts is turned into a request without a crash.
    static let screen = Property(name: "screen") { bytes throws(Broken) in
        let verdict = judge(bytes, limit: 65_536)
        let understood = Understood(Array(bytes))
        try promise((verdict == .whole) == (understood != nil), "\(verdict), but the specification says otherwise")
        for limit in [bytes.count - 1, bytes.count, bytes.count + 1] where limit >= 0 {
            let limited = judge(bytes, limit: limit)
            try promise((limited == .whole) == (verdict == .whole && limit >= bytes.count), "the limit is not one")
        }
        let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
        if case .refused(let fault) = judge(half, limit: 65_536) {
            try promise(verdict != .whole && verdict != .incomplete, "\(fault) is mended by what follows")
        }
        guard let understood else { return false }
        try promise(judge(half, limit: 65_536) == .incomplete, "half a request is not waited for")
        readVariables(understood.entries)
        return true
    }

    private static func judge(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Screen.Verdict {
        var screen = Screen(limit: limit)
        return screen.judge(bytes)
    }

    /// As libfcgi hands them out: C strings, and a null pointer at the end.
    private static func readVariables(_ entries: [[UInt8]]) {
        let strings = entries.map { entry in
            let string = UnsafeMutablePointer<CChar>.allocate(capacity: entry.count + 1)
            for (index, byte) in entry.enumerated() { string[index] = CChar(bitPattern: byte) }
            string[entry.count] = 0
            return string
        }
        defer { for string in strings { string.deallocate() } }
        (strings + [nil]).withUnsafeBufferPointer { list in
            _ = try? GatewayRequest(variables: list.baseAddress!, body: [], bodyExceedsLimit: false)
        }
    }
}
