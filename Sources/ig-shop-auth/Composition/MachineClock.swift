// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Vault

/// The clocks of this machine.
struct MachineClock: Sendable {
    private let boot: Boot
    /// Without the kernel's name for this boot nothing outlives the process that measured it.
    let isOfThisProcessOnly: Bool

    /// - Parameters:
    ///   - given: IG_SHOP_AUTH_BOOT_ID, systemd's `%b`: a service may be kept from /proc/sys (`ProcSubset=pid`).
    ///   - path: Where the kernel says it.
    init(given: String? = nil, bootID path: String = "/proc/sys/kernel/random/boot_id") {
        let name = given.flatMap { Self.digits($0.utf8) } ?? Self.digits(Self.read(path)) ?? []
        isOfThisProcessOnly = name.isEmpty
        boot = Boot(name: name.isEmpty ? Randomness.system.bytes(16) : name)
    }

    func now() -> Moment {
        var uptime = timespec()
        clock_gettime(CLOCK_BOOTTIME, &uptime)
        return Moment(time: UnixTime(Int64(time(nil))), uptime: boot.uptime(Int64(uptime.tv_sec)))
    }

    /// Its 32 hexadecimal digits, which the kernel writes with hyphens and systemd without; nil: it is no such thing.
    private static func digits(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let digits = String(decoding: Array(text), as: UTF8.self).lowercased()
            .filter { $0 != "-" && !$0.isWhitespace }.utf8
        return digits.count == 32 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            ? Array(digits) : nil
    }

    private static func read(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: 64) { $1 = max(0, Glibc.read(file, $0.baseAddress, 64)) }
    }
}
