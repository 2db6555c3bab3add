// SPDX-License-Identifier: MIT

/// Why there is no answer. `code` is a number of `libcurl-errors(3)`, for the journal.
package enum TransferFailure: Error, Sendable, Equatable {
    /// Which deadline passed: before the first byte of the request was sent, or after.
    package enum Phase: Sendable {
        case connect, total
    }

    case deadline(Phase)
    /// No connection: name, route, refused, reset. Nothing was sent.
    case unreachable(code: Int32)
    /// No TLS with somebody who can prove the name. Nothing was sent.
    case untrusted(code: Int32)
    /// The connection broke, or the answer is no HTTP, after the request may have been sent.
    case interrupted(code: Int32)
    /// The answer has more bytes than `TransferLimits` allows.
    case tooLarge
    /// The URL, its query or a header is nothing that we send. No connection was made.
    case refusedURL
    /// Given up on this side: `stop()` was called, or the awaiting task was cancelled.
    case stopped
    /// Too many calls in flight; this one was not begun.
    case busy
}

extension TransferFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .deadline(.connect): "deadline passed before the request was sent"
        case .deadline(.total): "deadline passed before the answer was complete"
        case .unreachable(let code): "unreachable (curl \(code))"
        case .untrusted(let code): "untrusted (curl \(code))"
        case .interrupted(let code): "interrupted (curl \(code))"
        case .tooLarge: "answer too large"
        case .refusedURL: "request refused before it was sent"
        case .stopped: "given up"
        case .busy: "too many calls in flight"
        }
    }
}

/// The operating system or libcurl does not give us what the thread needs.
package struct TransferUnavailable: Error, Sendable, Equatable, CustomStringConvertible {
    package let call: String
    /// `errno`, or libcurl's number where `call` is libcurl's.
    package let code: Int32

    package var description: String { "\(call) failed (\(code))" }
}
