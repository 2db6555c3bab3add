// SPDX-License-Identifier: MIT
import Glibc

/// A directory in which root makes files: nobody else can put a link of theirs into the way to it.
enum SafeDirectory {
    /// - Returns: What is wrong with the way to it, nil if nothing is.
    static func fault(_ directory: String) -> String? {
        var path = ""
        for name in directory.split(separator: "/") {
            path += "/" + name
            var status = stat()
            guard lstat(path, &status) == 0 else { return "\(path): \(String(cString: strerror(errno)))" }
            guard status.st_uid == 0 else { return "\(path) belongs to somebody else than root" }
            if status.st_mode & S_IFMT == S_IFLNK { continue }  // root's own; where it leads is looked at below
            guard status.st_mode & S_IFMT == S_IFDIR else { return "\(path) is no directory" }
            guard status.st_mode & 0o002 == 0 || status.st_mode & S_ISVTX != 0 else {
                return "\(path) may be written to by everybody"
            }
        }
        guard let real = realpath(directory, nil) else { return "\(directory): \(String(cString: strerror(errno)))" }
        defer { free(real) }
        let followed = String(cString: real)
        return followed == directory ? nil : fault(followed)
    }

    /// Whom the way to it belongs to, links and what they lead to; somebody who is nobody, if it cannot be walked.
    static func owners(_ directory: String) -> Set<uid_t> {
        guard let real = realpath(directory, nil), let here = realpath(".", nil) else { return [uid_t.max] }
        defer {
            free(real)
            free(here)
        }
        let named = directory.hasPrefix("/") ? directory : "\(String(cString: here))/\(directory)"
        return [named, String(cString: real)].reduce(into: []) { owners, way in
            var path = ""
            for name in way.split(separator: "/") {
                path += "/" + name
                var status = stat()
                if lstat(path, &status) == 0 { owners.insert(status.st_uid) }
            }
        }
    }

    static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}
