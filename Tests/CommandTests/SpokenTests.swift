// SPDX-License-Identifier: MIT
import Testing

@testable import ig_shop_auth

/// Other programs that are asked.
@Suite
struct SpokenTests {
    private static func said(_ script: String, bound: Int = 1_000, within seconds: Int = 30) -> Spoken? {
        Spoken.by("/bin/sh", ["-c", script], bound: bound, within: seconds)
    }

    @Test("What it says on both, and how it ends")
    func said() throws {
        let said = try #require(Self.said("echo one; echo two >&2; exit 3"))
        #expect(said.output == "one\n" && said.error == "two\n" && !said.isSuccess)
        #expect(Self.said("exit 0")?.isSuccess == true)
        // Its output ends before it does.
        #expect(Self.said("exec >&- 2>&-; exec sleep 0.1")?.isSuccess == true)
        #expect(Spoken.by("/nonexistent", [], bound: 1, within: 1) == nil)
    }

    @Test(
        "One that does not end in time, or says too much, is not waited for",
        arguments: ["exec sleep 600", "exec >&- 2>&-; exec sleep 600", "exec yes"])
    func stopped(_ script: String) {
        #expect(Self.said(script, within: 1) == nil)
    }
}
