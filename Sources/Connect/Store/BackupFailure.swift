// SPDX-License-Identifier: MIT
import GRDB
import Glibc

/// Why there is no copy. Nothing of it is left.
package enum BackupFailure: Error, Sendable, Equatable {
    /// Something has that name already, and keeps it.
    case exists(String)
    case notCreated(String, errno: Int32)
    case notWritten(errno: Int32)
    /// SQLite could not write it: extended result code.
    case notFilled(Int32)
    /// The copy does not make sense, so what was copied may not either.
    case damaged
    /// The database itself cannot be read.
    case store(StoreFailure)

    init(_ error: any Error) {
        switch error {
        case let failure as BackupFailure: self = failure
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
                self = .notFilled(error.extendedResultCode.rawValue)
            default: self = .store(StoreFailure(error))
            }
        default: self = .store(StoreFailure(error))
        }
    }

    /// The name that was asked for cannot be had; everything else is about reading and writing.
    package var isAboutName: Bool {
        switch self {
        case .exists, .notCreated: true
        default: false
        }
    }
}

extension BackupFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exists(let file): "\(file) exists already and is left as it is; name another file"
        case .notCreated(let path, EPERM), .notCreated(let path, EOPNOTSUPP):
            "\(path) cannot be made: \(Self.text(EPERM)); the file system may know no hard links, so name a file on another"
        case .notCreated(let path, let code): "\(path) cannot be made: \(Self.text(code))"
        case .notWritten(let code): "the backup cannot be written: \(Self.text(code))"
        case .notFilled(ResultCode.SQLITE_FULL.rawValue): "the backup cannot be written: the disk is full"
        case .notFilled(let code): "the backup cannot be written: \(StoreFailure.sqlite(code))"
        case .damaged: "the copy is damaged, and so the database may be; `PRAGMA integrity_check` says more"
        case .store(let failure): "the database cannot be read: \(failure)"
        }
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
