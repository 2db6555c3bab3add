// SPDX-License-Identifier: MIT
import Glibc

/// A file descriptor with one owner.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Takes over what a system call returned; -1 becomes its `errno`.
    init(_ number: Int32, from call: String) throws(TransferUnavailable) {
        guard number >= 0 else { throw TransferUnavailable(call: call, code: errno) }
        self.number = number
    }

    deinit {
        close(number)
    }
}
