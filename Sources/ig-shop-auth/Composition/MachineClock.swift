// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Vault

/// The clocks of this machine.
struct MachineClock: Sendable {
    private let boot: Boot
    /// Without the kernel's name for this boot nothing outlives the process that measured it.
    let isOfThisProcessOnly: Bool

    init(bootID path: String = "/proc/sys/kernel/random/boot_id") {
        let name = Self.read(path)
        isOfThisProcessOnly = name.isEmpty
        boot = Boot(name: name.isEmpty ? Randomness.system.bytes(16) : name)
    }

    func now() -> Moment {
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        return Moment(time: UnixTime(Int64(time(nil))), uptime: boot.uptime(Int64(uptime.tv_sec)))
    }

    private static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: 64) { $1 = max(0, Glibc.read(file, $0.baseAddress, 64)) }
    }
}
