// SPDX-License-Identifier: MIT
import Glibc

/// How many descriptors the process may have open; getrlimit(2).
package struct DescriptorLimit: Equatable, Sendable {
    package let soft: Int
    package let hard: Int

    /// systemd's `SystemCallFilter=~@resources` refuses getrlimit with the calls that set something; the kernel tells the
    /// same in a file (proc(5), `/proc/pid/limits`).
    package static func current(limitsFile path: String = "/proc/self/limits") -> DescriptorLimit? {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            return DescriptorLimit(soft: Int(clamping: limit.rlim_cur), hard: Int(clamping: limit.rlim_max))
        }
        return told(path)
    }

    static func told(_ path: String) -> DescriptorLimit? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4_096) { $1 = max(0, read(file, $0.baseAddress, 4_096)) }
        let name = "Max open files"
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        let numbers = line.dropFirst(name.count).split(separator: " ").prefix(2)
            .compactMap { $0 == "unlimited" ? Int.max : Int($0) }
        return numbers.count == 2 ? DescriptorLimit(soft: numbers[0], hard: numbers[1]) : nil
    }
}
