// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Vault

/// The database, the place where it is, and whether its rows can be opened.
extension CheckReport {
    private static let setting = "IG_SHOP_AUTH_DATABASE"

    mutating func database(_ path: String, _ keyring: Keyring?) {
        let name = Self.setting
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard isWritable(directory, path) else { return }
        room(directory, path)
        guard access(path, F_OK) == 0 else { return good(name, "\(path): is made by the first start") }
        // To open a pipe is to wait for who writes to it.
        guard Records.isFile(path) else { return fault("\(name): \(path) is no file; name the database") }
        do throws(StoreFailure) {
            let seen = try Inspection(path: path)
            good(name, "\(path): \(seen.users) users")
            for key in keyring.map(seen.otherBytes) ?? [] {
                let rows = seen.rowsByKey[key] ?? 0
                fault("IG_SHOP_AUTH_KEYS: \(KeyringRefusal.otherBytes(key, rows: rows))")
            }
            for (key, rows) in seen.rowsByKey.sorted(by: { $0.key < $1.key }) {
                if let keyring, !keyring.ids.contains(key) {
                    fault("IG_SHOP_AUTH_KEYS: the key \(key) is missing, and \(rows) rows need it; put it back")
                }
            }
        } catch {
            fault("\(name): \(error)")
        }
    }

    /// Root may write to everything but to a file system that nobody may write to, so for root the modes are looked at
    /// as well: the service is somebody else.
    private mutating func isWritable(_ directory: String, _ path: String) -> Bool {
        let name = Self.setting
        var status = statvfs()
        if statvfs(directory, &status) == 0, status.f_flag & UInt(ST_RDONLY) != 0 {
            fault(
                "\(name): the file system of \(directory) is mounted read-only; mount it for writing, or name another")
            return false
        }
        guard access(directory, W_OK | X_OK) == 0 else {
            fault("\(name): this user may not write to the directory \(directory); make it, or name another")
            return false
        }
        // SQLite's log and its index are written to as well.
        for file in [path, path + "-wal", path + "-shm"] where access(file, F_OK) == 0 {
            guard access(file, R_OK | W_OK) == 0, Self.ownerMayWrite(file) else {
                fault(
                    "\(name): \(file) is not readable and writable for this user;"
                        + " give it to the service's user, mode 0600, and run check as that user")
                return false
            }
        }
        return true
    }

    private static func ownerMayWrite(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_mode & 0o600 == 0o600
    }

    /// The log may grow as large as the database, and a newer version keeps a copy before it changes a schema.
    private mutating func room(_ directory: String, _ path: String) {
        var (system, file) = (statvfs(), stat())
        guard statvfs(directory, &system) == 0 else { return }
        let free = Int64(clamping: UInt64(system.f_bavail).multipliedReportingOverflow(by: UInt64(system.f_frsize)).0)
        let size = stat(path, &file) == 0 ? Int64(file.st_size) : 0
        let needed = max(Self.leastRoom, 2 * size)
        if free < needed {
            fault(
                "\(Self.setting): \(Self.mebibytes(free)) MiB are free where \(path) is, and it may need"
                    + " \(Self.mebibytes(needed)); make room, or move it to a larger disk")
        }
    }

    private static let leastRoom: Int64 = 64 << 20

    private static func mebibytes(_ bytes: Int64) -> Int64 { bytes >> 20 }
}
