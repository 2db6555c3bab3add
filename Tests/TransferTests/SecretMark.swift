// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A secret that is computed a byte at a time and stored nowhere, so that each copy in memory is somebody else's.
struct SecretMark {
    static let length = 18
    static let last = UInt8(ascii: "!")

    /// Under a sanitizer memory is another: shadows of terabytes, and freed blocks that are held back.
    static let isUnderASanitizer = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

    private let number = UInt64.random(in: .min ... .max)

    /// A tilde, 16 hexadecimal digits, an exclamation mark.
    var text: some Collection<UInt8> { (0..<Self.length).lazy.map(byte) }

    private func byte(_ index: Int) -> UInt8 {
        switch index {
        case 0: return UInt8(ascii: "~")
        case Self.length - 1: return Self.last
        default:
            let digit = UInt8(truncatingIfNeeded: number >> (4 * UInt64(index - 1))) & 15
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }

    /// Searches all private memory: heap, stacks, what was freed and not given back.
    func copiesInThisProcess() throws -> Int {
        let memory = open("/proc/self/mem", O_RDONLY)
        defer { close(memory) }
        return try Self.regions().reduce(0) { count, region in
            count + copies(in: region, of: memory)
        }
    }

    private static func regions() throws -> [Range<UInt64>] {
        try String(contentsOfFile: "/proc/self/maps", encoding: .utf8).split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields[1].hasPrefix("rw-p"), fields.count < 6 || fields[5].hasPrefix("[") else { return nil }
            let bounds = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            return bounds[0]..<bounds[1]
        }
    }

    private func copies(in region: Range<UInt64>, of memory: Int32) -> Int {
        let step = 1 << 20
        return withUnsafeTemporaryAllocation(byteCount: step + Self.length, alignment: 1) { window in
            stride(from: region.lowerBound, to: region.upperBound, by: step).reduce(0) { count, start in
                let read = pread(memory, window.baseAddress, window.count, off_t(start))
                return count + copies(in: UnsafeRawBufferPointer(rebasing: window.prefix(max(0, read))))
            }
        }
    }

    private func copies(in window: UnsafeRawBufferPointer) -> Int {
        guard let start = window.baseAddress else { return 0 }
        var count = 0
        var offset = 0
        while offset + Self.length <= window.count,
            let tilde = memchr(start + offset, Int32(byte(0)), window.count - offset)
        {
            offset = start.distance(to: UnsafeRawPointer(tilde))
            guard offset + Self.length <= window.count else { break }
            if window[offset..<offset + Self.length].elementsEqual(text) { count += 1 }
            offset += 1
        }
        return count
    }
}
