// SPDX-License-Identifier: MIT
import Glibc

/// The secrets where systemd finds them for the service, for commands that root types outside of it.
struct CredentialStore: Sendable {
    let directory: String

    static func file(_ setting: Setting) -> String? { setting.credential.map { "ig-shop-auth.\($0)" } }

    func path(_ setting: Setting) -> String? { Self.file(setting).map { "\(directory)/\($0)" } }

    /// Where systemd looks for one that only a service's unit decrypts (systemd.exec(5), LoadCredentialEncrypted=).
    /// nil: there is none.
    func encrypted(_ setting: Setting) -> String? {
        guard let path = Self.file(setting).map({ "\(directory).encrypted/\($0)" }), access(path, F_OK) == 0 else {
            return nil
        }
        return path
    }

    /// nil: there is none.
    func text(_ setting: Setting) throws(SmallFile.Failure) -> String? {
        guard let path = path(setting) else { return nil }
        do throws(SmallFile.Failure) {
            let text = String(decoding: try SmallFile.read(path, limit: 4_096), as: UTF8.self)
            // As the credentials directory is read: an editor ends a line.
            return text.isEmpty ? nil : String(text.trimmingPrefix(while: \.isWhitespace).trimmingSuffix())
        } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix() -> Substring {
        var rest = self
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
