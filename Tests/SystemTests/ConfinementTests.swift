// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What systemd's confinement takes from the program, taken from it here.
@Suite
struct ConfinementTests {
    @Test("Limits that can be neither read nor set: it serves with those it has, and keeps its memory to itself")
    func limits() async throws {
        let library = try await Shims.confinement.value
        // The limits are set before everything about them is refused.
        let wrapper = ["prlimit", "--nofile=2000:4000", "--core=0:0", "/usr/bin/env", "LD_PRELOAD=\(library)"]
        let options = Stage.Options(wrapper: wrapper)
        try await Stage.run(options) { stage in
            let responder = try #require(stage.responder).pid
            let limits = try String(contentsOfFile: "/proc/\(responder)/limits", encoding: .utf8)
            #expect(limits.contains(#/Max open files +2000 +4000 /#), "or nothing was refused")
            let status = try String(contentsOfFile: "/proc/\(responder)/status", encoding: .utf8)
            #expect(status.contains("Seccomp:\t2"))
            _ = try await stage.connect(Browser())
            let metrics = try await HTTPClient.shared.send(.get, stage.agentBase + "/metrics")
            #expect(metrics.text.contains("\nprocess_max_fds 2000\n"))
            #expect(try stage.journal().allSatisfy { !["error", "critical"].contains($0["level"]) })
            #expect(stage.said("responder") == "")
            // Not dumpable: /proc/PID is root's (prctl(2), PR_SET_DUMPABLE).
            let attributes = try FileManager.default.attributesOfItem(atPath: "/proc/\(responder)/maps")
            #expect(attributes[.ownerAccountID] as? Int == 0)
            #expect(await stage.responder?.stop() == .exit(0))
        }
    }
}
