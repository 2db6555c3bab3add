// SPDX-License-Identifier: MIT
import Testing
import Vault

@testable import Connect

@Suite struct NewIDTests {
    @Test("a new name is 128 random bits, and no command takes it for an option")
    func hyphens() {
        var seen: Set<String> = []
        for _ in 0..<10_000 {
            let id = Randomness.system.newID()
            #expect(id.utf8.count == 22 && id.utf8.first != UInt8(ascii: "-"))
            seen.insert(id)
        }
        #expect(seen.count == 10_000)
        #expect(Randomness { Array(repeating: 0xfb, count: $0) }.newID().utf8.first == UInt8(ascii: "_"))
    }
}
