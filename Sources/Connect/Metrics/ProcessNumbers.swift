// SPDX-License-Identifier: MIT
import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use.
struct ProcessNumbers {
    /// Seconds since 1970, when the process began. Reckoned once: it would waver with each setting of the clock.
    static let startTime = start()

    static func write(to text: inout MetricsText) {
        text.family("process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.")
        text.sample("process_start_time_seconds", "", startTime)
        if let fields = stat(), fields.count > 21 {
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            let used = (Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)
            text.family("process_cpu_seconds_total", .counter, "Seconds of CPU that the process has used.")
            text.sample("process_cpu_seconds_total", "", used / ticks)
            let pages = Int(fields[21]) ?? 0
            text.gauge("process_resident_memory_bytes", "Memory that is in RAM.", pages * Int(getpagesize()))
        }
        if let count = openDescriptors() {
            text.gauge("process_open_fds", "Open file descriptors.", count)
        }
        if let limit = DescriptorLimit.current() {
            text.gauge("process_max_fds", "Descriptors that may be open.", limit.soft)
        }
    }

    /// The fields of /proc/self/stat from the third on: the second is the program's name and may contain anything.
    private static func stat() -> [Substring]? {
        let file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 4_096) { $1 = max(0, read(file, $0.baseAddress, 4_096)) }
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        return String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
    }

    /// The boot on the clock of the day, and the ticks from there. /proc/stat tells the boot too, but a service may be
    /// kept from it.
    private static func start() -> Double {
        var (day, boot) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &day)
        clock_gettime(CLOCK_BOOTTIME, &boot)
        func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
        let now = seconds(day)
        guard let fields = stat(), fields.count > 19, let ticks = Double(fields[19]) else { return now }
        let began = now - seconds(boot) + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        return (began * 100).rounded() / 100
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var entries = 0
        while readdir(directory) != nil { entries += 1 }
        return entries - 3  // ., .. and the one that reads
    }
}
