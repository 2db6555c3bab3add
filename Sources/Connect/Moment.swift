// SPDX-License-Identifier: MIT
import Vault

/// A moment on both clocks of a machine.
package struct Moment: Hashable, Sendable {
    /// The time of day. It may be wrong, and somebody may set it while we run.
    package let time: UnixTime
    /// Seconds that really passed. What has to end after so many of them is measured with it.
    package let uptime: Uptime

    package init(time: UnixTime, uptime: Uptime) {
        self.time = time
        self.uptime = uptime
    }
}

/// One boot of one machine, told from all others by its name (`/proc/sys/kernel/random/boot_id`).
package struct Boot: Sendable {
    /// 31 bits each, so that an `Uptime` is a positive number that 68 years do not overflow.
    private let tag: Int64
    private let offset: Int64

    package init(name: some Sequence<UInt8>) {
        let digest = Digest.sha256(Array("boot".utf8) + name)
        tag = digest[0..<4].reduce(0) { $0 << 8 | Int64($1) } >> 1
        offset = digest[4..<8].reduce(0) { $0 << 8 | Int64($1) } >> 1
    }

    /// - Parameter seconds: CLOCK_BOOTTIME, which nobody sets and which goes on while the machine sleeps.
    package func uptime(_ seconds: Int64) -> Uptime {
        // Visitors carry it in a cookie, and how long a machine has been up says how old its kernel is.
        Uptime(bits: (tag << 32) | (seconds + offset) & 0xffff_ffff)
    }
}

/// A reading of the clock that nobody sets. Readings of one boot can be compared, and no others.
package struct Uptime: Hashable, Sendable {
    /// The boot in the upper half, seconds in the lower: one number for a cookie and for the database.
    let bits: Int64

    /// nil: nobody knows, one of them is of another boot.
    func seconds(since earlier: Uptime) -> Int64? {
        bits >> 32 == earlier.bits >> 32 ? bits - earlier.bits : nil
    }

    /// All readings of this boot, in order.
    var boot: ClosedRange<Int64> { (bits >> 32) << 32...(bits | 0xffff_ffff) }

    static func + (uptime: Uptime, seconds: Int64) -> Uptime { Uptime(bits: uptime.bits + seconds) }
}
