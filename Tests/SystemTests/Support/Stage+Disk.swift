// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A small disk of its own for the database, which a test can fill.
extension Stage {
    /// Mounting needs a right that a container may not give.
    static let canMount: Bool = {
        guard geteuid() == 0 else { return false }
        var template = Array("/tmp/ig-mount.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return false }
        defer { rmdir(template) }
        guard mount("none", template, "tmpfs", 0, "mode=0700,size=64k") == 0 else { return false }
        return umount2(template, Int32(MNT_DETACH)) == 0
    }()

    func mountDatabase(_ kilobytes: Int) async throws {
        guard mount("none", databaseDirectory, "tmpfs", 0, "mode=0700,size=\(kilobytes)k") == 0 else {
            throw Missing("no tmpfs: \(String(cString: strerror(errno)))")
        }
        Janitor.shared.note(.mount, databaseDirectory)
    }

    func unmountDatabase() async {
        umount2(databaseDirectory, Int32(MNT_DETACH))
        Janitor.shared.forget(.mount, databaseDirectory)
    }

    private var ballast: String { databaseDirectory + "/ballast" }

    /// Writes until nothing fits any more.
    func fillDisk() throws {
        let descriptor = open(ballast, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Missing("no ballast: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4_096)
        while write(descriptor, page, page.count) == page.count {}
        guard errno == ENOSPC else { throw Missing("the disk is not full: \(String(cString: strerror(errno)))") }
    }

    func freeDisk() { unlink(ballast) }
}
