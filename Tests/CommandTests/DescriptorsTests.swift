// SPDX-License-Identifier: MIT
import Testing

@testable import ig_shop_auth

@Suite struct DescriptorsTests {
    @Test("A flow has two descriptors, everybody else 512; five thousand fit where the system allows it")
    func flows() {
        #expect(Descriptors.flows(within: 1_024) == 256)
        #expect(Descriptors.flows(within: 10_512) == 5_000)
        #expect(Descriptors.flows(within: 65_536) >= 5_000)
        #expect(Descriptors.flows(within: .max) == Descriptors.flows(within: 65_536))
        #expect(Descriptors.flows(within: 0) > 0)
    }
}
