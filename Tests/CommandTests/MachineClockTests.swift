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

    @Test("what systemd says of the boot is what the kernel says, in either form; anything else is not believed")
    func given() throws {
        let kernel = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        let digits = kernel.filter(\.isHexDigit)
        #expect(digits.count == 32)
        let own = MachineClock().now().uptime
        for text in [kernel, digits, digits.uppercased()] {
            let told = MachineClock(given: text, bootID: "/nonexistent")
            #expect(!told.isOfThisProcessOnly)
            #expect(told.now().uptime.seconds(since: own) != nil, "\(text)")
        }
        let other = MachineClock(given: String(repeating: "0", count: 32))
        #expect(other.now().uptime.seconds(since: own) == nil, "another boot")
        for wrong in ["", "%b", digits + "0", String(repeating: "g", count: 32)] {
            #expect(MachineClock(given: wrong, bootID: "/nonexistent").isOfThisProcessOnly, "\(wrong)")
            #expect(MachineClock(given: wrong).now().uptime.seconds(since: own) != nil, "the kernel is asked")
        }
    }
}
