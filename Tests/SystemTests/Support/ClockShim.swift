// SPDX-License-Identifier: MIT
import Glibc

/// The responder's clocks.
struct ClockShim: Shim {
    private let library: String
    private let offsets: SharedNumbers

    init() async throws {
        library = try await Shims.clock.value
        offsets = try SharedNumbers(count: 2)
    }

    func environment(_ stage: Stage) -> [String: String] { ["LD_PRELOAD": library, "SHIM_CLOCK": offsets.path] }

    /// Somebody sets the time of day to so many seconds since 1970, and no time passes.
    func set(_ seconds: Int64) { offsets[0] = seconds - Int64(time(nil)) }

    /// The time of day is what it is here.
    func setRight() { offsets[0] = 0 }

    /// So many seconds pass: asleep, as far as the program can see.
    func pass(_ seconds: Int64) {
        offsets[0] += seconds
        offsets[1] += seconds
    }
}
