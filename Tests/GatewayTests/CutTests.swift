// SPDX-License-Identifier: MIT
import TestSupport
import Testing

extension LiveGateway {
    /// `ScreenTests` shows the same of the screen alone.
    @Suite struct Cut {
        @Test(arguments: [false, true])
        func aRequestCutAtAnyByteReachesNobodyWhenItsPeerGoes(leaving: Bool) async throws {
            try await Crossing.through { crossing in
                var count = 0
                for stream in RequestStream.valid {
                    let bytes = stream.bytes
                    let cut = bytes.indices.lazy.map { Array(bytes[..<$0]) }
                    count += cut.count
                    if leaving {
                        try crossing.sendAndLeave(cut)
                        #expect(crossing.closed == 0)
                    } else {
                        try crossing.send(cut)
                        #expect(crossing.closed == count && crossing.answered == 0)
                    }
                }
                Soak.record(
                    leaving
                        ? "requests cut at every byte, the connection closed there"
                        : "requests cut at every byte, the sending ended there", count, "none reached a handler")
            }
        }
    }
}
