// SPDX-License-Identifier: MIT
import Glibc

/// A fresh folder that goes with its last owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = [CChar]("/tmp/gateway-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("mkdtemp: \(errno)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// A path in it, of something that may or may not be there.
    func path(_ name: String) -> String {
        "\(path)/\(name)"
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unlink(self.path(name)) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
