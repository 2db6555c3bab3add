// SPDX-License-Identifier: MIT

/// The body of a POST and how much of it libcurl has read.
struct Upload: ~Copyable {
    private let bytes: WipedBytes
    private var offset = 0

    init(of request: borrowing OutboundRequest) {
        bytes =
            if let form = request.form {
                WipedBytes("", form)
            } else if let body = request.body {
                WipedBytes(body)
            } else {
                WipedBytes([])
            }
    }

    var count: Int { bytes.count }

    mutating func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let read = bytes.withBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(offset).prefix(room.count))
            room.copyMemory(from: part)
            return part.count
        }
        offset += read
        return read
    }

    mutating func seek(to offset: Int) -> Bool {
        guard 0...count ~= offset else { return false }
        self.offset = offset
        return true
    }
}
