// SPDX-License-Identifier: MIT
import Connect
import Glibc

/// The process's limit of open descriptors. The usual soft limit of 1,024 makes a thousand flows fail.
enum Descriptors {
    /// Raises the soft limit to the hard one, 65,536 at most, and tells what it is. Where that is refused, as by systemd's
    /// `SystemCallFilter=`, it stays what `LimitNOFILE=` says.
    static func raise() -> Int {
        guard let limit = DescriptorLimit.current() else { return 1_024 }
        let wanted = min(limit.hard, 65_536)
        guard limit.soft < wanted else { return limit.soft }
        var raised = rlimit(rlim_cur: rlim_t(wanted), rlim_max: limit.hard == .max ? .max : rlim_t(limit.hard))
        return setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 ? wanted : limit.soft
    }

    /// A flow holds two: nginx's connection and one to Instagram. The rest is for everybody else.
    static func flows(within descriptors: Int) -> Int {
        min(max((descriptors - 512) / 2, 64), 6_000)
    }
}
