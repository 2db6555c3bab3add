// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct RandomnessTests {
    @Test("the system gives as many bytes as asked for", arguments: [0, 1, 12, 32, 70_000])
    func count(count: Int) {
        #expect(Randomness.system.bytes(count).count == count)
    }

    @Test("the system repeats nothing and favours no bit (checklist 1)")
    func system() {
        let values = (0..<10_000).map { _ in Randomness.system.bytes(32) }
        #expect(Set(values).count == values.count)
        for bit in 0..<256 {
            let ones = values.count { $0[bit / 8] >> (bit % 8) & 1 == 1 }
            #expect((4_600...5_400).contains(ones), "eight standard deviations")
        }
    }

    @Test("a seed gives the same bytes again, another seed others")
    func seeded() {
        #expect(Randomness.seeded(5).bytes(32) == Randomness.seeded(5).bytes(32))
        #expect(Randomness.seeded(5).bytes(32) != Randomness.seeded(6).bytes(32))
    }
}
