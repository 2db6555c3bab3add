// SPDX-License-Identifier: MIT
import Connect
import FoundationEssentials
import Glibc

/// The backups of one directory, named by when they were made. Only what has such a name is ever removed.
struct BackupRotation {
    let directory: String
    /// How many stay, the newest among them.
    let keep: Int

    /// As `date -u +%Y%m%dT%H%M%SZ` writes it, so that names sort by time.
    func name(at time: time_t) -> String {
        var (time, date) = (time, tm())
        gmtime_r(&time, &date)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &date)
        return
            "ig-shop-auth-\(String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)).sqlite3"
    }

    /// Removes the oldest beyond those that stay, and what killed backups left.
    ///
    /// - Parameter newest: The one that was just made. It stays even if a clock that was set back gives it the oldest name.
    /// - Returns: What was removed, and what should have been and could not.
    func rotate(newest: String) -> (removed: [String], failed: [String]) {
        var (removed, failed): ([String], [String]) = ([], [])
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let old = names.filter { $0 != newest && Self.isOurs($0) && isFile($0) }.sorted(by: >).dropFirst(keep - 1)
        for name in old.reversed() {
            if unlink(path(name)) == 0 {
                removed.append(path(name))
            } else {
                failed.append("\(path(name)) cannot be removed: \(String(cString: strerror(errno)))")
            }
        }
        for name in names where Backup.isUnfinished(name) && Backup.discardLeftover(path(name)) {
            removed.append(path(name))
        }
        return (removed, failed)
    }

    private func path(_ name: String) -> String { directory == "/" ? "/" + name : "\(directory)/\(name)" }

    private static func isOurs(_ name: String) -> Bool {
        name.wholeMatch(of: #/ig-shop-auth-[0-9]{8}T[0-9]{6}Z\.sqlite3/#) != nil
    }

    private func isFile(_ name: String) -> Bool {
        var status = stat()
        return lstat(path(name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
