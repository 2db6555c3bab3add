// SPDX-License-Identifier: MIT

/// One FastCGI record (specification 3.3) as bytes, right or wrong in any field.
func record(
    _ type: UInt8, id: UInt16 = 1, _ content: [UInt8] = [], padding: UInt8 = 0, version: UInt8 = 1,
    length: UInt16? = nil
) -> [UInt8] {
    [version, type] + bigEndian(id) + bigEndian(length ?? UInt16(content.count)) + [padding, 0] + content
        + [UInt8](repeating: 0xee, count: Int(padding))
}

func begin(id: UInt16 = 1, role: UInt16 = 1, flags: UInt8 = 0, padding: UInt8 = 0) -> [UInt8] {
    record(1, id: id, bigEndian(role) + [flags, 0, 0, 0, 0, 0], padding: padding)
}

func params(id: UInt16 = 1, _ content: [UInt8] = [], padding: UInt8 = 0) -> [UInt8] {
    record(4, id: id, content, padding: padding)
}

func stdin(id: UInt16 = 1, _ content: [UInt8] = [], padding: UInt8 = 0) -> [UInt8] {
    record(5, id: id, content, padding: padding)
}

/// A name-value pair (3.4), its lengths in as few bytes as they fit, or in four each.
func pair(_ name: [UInt8], _ value: [UInt8], long: Bool = false) -> [UInt8] {
    pairLength(name.count, long) + pairLength(value.count, long) + name + value
}

func pair(_ name: String, _ value: String, long: Bool = false) -> [UInt8] {
    pair([UInt8](name.utf8), [UInt8](value.utf8), long: long)
}

private func pairLength(_ length: Int, _ long: Bool) -> [UInt8] {
    long || length > 127 ? bigEndian(UInt32(length) | 0x8000_0000) : [UInt8(length)]
}

func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { [UInt8]($0) }
}

extension [UInt8] {
    /// Cut into pieces of at most `size` bytes.
    func chunks(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
