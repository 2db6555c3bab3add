// SPDX-License-Identifier: MIT
import Glibc

/// The process's limit of open descriptors. The usual soft limit of 1,024 makes a thousand flows fail.
enum Descriptors {
    /// Raises the soft limit to the hard one, 65,536 at most, and tells what it is.
    static func raise() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// A flow holds two: nginx's connection and one to Instagram. The rest is for everybody else.
    static func flows(within descriptors: Int) -> Int {
        min(max((descriptors - 512) / 2, 64), 6_000)
    }
}
