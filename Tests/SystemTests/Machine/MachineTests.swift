// SPDX-License-Identifier: MIT
import Testing

/// The package on a booted Debian: systemd, nginx, the program and Instagram's stand-in under Instagram's names. One
/// machine at a time: they share a loopback with the tests.
@Suite(.serialized, .enabled(if: Machine.obstacle == nil, "\(Machine.obstacle ?? "")"))
struct MachineTests {}
