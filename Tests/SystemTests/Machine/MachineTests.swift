// SPDX-License-Identifier: MIT
import Testing

/// The package on a booted Debian: systemd, nginx, the program and Instagram's stand-in under Instagram's names. One
/// machine at a time: they share a loopback with the tests.
@Suite(.serialized, .timeLimit(.minutes(10)), .enabled(if: Machine.obstacle == nil, "\(Machine.obstacle ?? "")"))
struct MachineTests {}

/// `swift test --quiet` does not print why something is skipped.
@Suite
struct MachineTestsObstacle {
    @Test("Where no machine can be booted the output says why; as root, in the network of its own, one can")
    func said() {
        if let obstacle = Machine.obstacle { print("MachineTests are SKIPPED: \(obstacle)") }
        #expect(Machine.secluded == nil || Machine.obstacle == nil)
    }
}
