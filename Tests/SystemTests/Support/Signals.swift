// SPDX-License-Identifier: MIT
import Foundation
import Glibc

enum Signals {
    /// Whether a process ignores or catches a signal; proc(5).
    static func minds(_ signal: Int32, _ process: pid_t) throws -> Bool {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let masks = status.split(separator: "\n").filter { $0.hasPrefix("SigIgn:") || $0.hasPrefix("SigCgt:") }
        return masks.contains { mask in
            UInt64(mask.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16).map {
                $0 >> (signal - 1) & 1 == 1
            }
                ?? false
        }
    }
}
