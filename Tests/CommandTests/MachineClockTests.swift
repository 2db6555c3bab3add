// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Connect
@testable import ig_shop_auth

@Suite struct MachineClockTests {
    @Test("two processes of one boot read one clock; without the boot's name each has its own")
    func boots() throws {
        let (one, two) = (MachineClock(), MachineClock())
        #expect(!one.isOfThisProcessOnly)
        let first = one.now()
        let passed = try #require(two.now().uptime.seconds(since: first.uptime))
        #expect((0..<600).contains(passed))
        #expect(abs(first.time.seconds - Int64(Date().timeIntervalSince1970)) < 600)

        let (three, four) = (MachineClock(bootID: "/nonexistent"), MachineClock(bootID: "/nonexistent"))
        #expect(three.isOfThisProcessOnly)
        #expect(three.now().uptime.seconds(since: three.now().uptime) != nil)
        #expect(four.now().uptime.seconds(since: three.now().uptime) == nil)
    }
}
