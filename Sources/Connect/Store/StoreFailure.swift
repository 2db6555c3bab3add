// SPDX-License-Identifier: MIT
import GRDB

/// Why the database could not do it. To a visitor all of them are `storage_unavailable`.
package enum StoreFailure: Error, Sendable, Equatable {
    /// SQLite's extended result code (sqlite.org/rescode.html): full, read-only, I/O, ...
    case sqlite(Int32)
    /// No answer in time. Whether it was written is not known.
    case deadline
    /// Too many writes wait already.
    case crowded
    /// Another process serves this database.
    case locked
    /// The lock file beside the database cannot be made.
    case cannotLock(errno: Int32)
    /// The database was written by a newer version of this program.
    case newerSchema
    /// Written by an older version, and only looked at now: a start brings it up to date.
    case olderSchema
    /// `PRAGMA synchronous` did not stay what it has to be.
    case notDurable
    /// A row does not make sense, or a value could not be sealed.
    case unreadable

    /// Whether the same may work later: the disk has room again, or answers.
    var mayPass: Bool {
        switch self {
        case .sqlite, .deadline, .crowded: true
        default: false
        }
    }

    init(_ error: any Error) {
        switch error {
        case let failure as StoreFailure: self = failure
        case let error as DatabaseError: self = .sqlite(error.extendedResultCode.rawValue)
        default: self = .unreadable
        }
    }
}

extension StoreFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sqlite(let code): "SQLite failed with \(ResultCode(rawValue: code)) (\(code))"
        case .deadline: "the disk did not answer in time"
        case .crowded: "too many writes are waiting"
        case .locked: "another process serves this database"
        case .cannotLock(let code): "the lock file beside the database cannot be made (errno \(code))"
        case .newerSchema: "the database was written by a newer version of ig-shop-auth; install that one"
        case .olderSchema:
            "the database was written by an older version of ig-shop-auth; start the service of this one once"
        case .notDurable: "PRAGMA synchronous did not stay FULL"
        case .unreadable: "a row does not make sense"
        }
    }
}
