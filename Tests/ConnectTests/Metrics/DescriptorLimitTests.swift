// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Connect

@Suite struct DescriptorLimitTests {
    @Test("The kernel's file says what the call says")
    func file() throws {
        let asked = try #require(DescriptorLimit.current())
        #expect(DescriptorLimit.told("/proc/self/limits") == asked)
        #expect(asked.soft > 0 && asked.soft <= asked.hard)
    }

    @Test(arguments: [
        (
            "Max open files            1024                 524288               files     \n",
            DescriptorLimit(soft: 1_024, hard: 524_288)
        ),
        ("Max processes 1 2 x\nMax open files 65536 unlimited files\n", DescriptorLimit(soft: 65_536, hard: .max)),
        ("Max open files x 1 files\n", nil), ("Max open files\n", nil), ("", nil),
    ])
    func lines(text: String, limit: DescriptorLimit?) throws {
        let directory = try TemporaryDirectory()
        let file = directory.database + ".limits"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        #expect(DescriptorLimit.told(file) == limit)
        #expect(DescriptorLimit.told(file + ".gone") == nil)
    }
}
