// SPDX-License-Identifier: MIT
package import Vault

/// Whom a connection belongs to.
package enum Identity: Sendable {
    /// The user *is* the Instagram account; a session cookie of ours says which.
    case session
    /// The user whom the web server has authenticated. It is believed beside the edge secret only: nginx fills
    /// `$remote_user` with whatever a client typed wherever `auth_basic` is off, and other programs may reach the socket.
    case remoteUser(edge: EdgeSecret)

    var isSession: Bool { if case .session = self { true } else { false } }
}

/// A user of the application in front, by the name that the web server gives it.
struct RemoteUser: Sendable {
    /// 1 to 128 bytes, compared byte for byte.
    let name: String

    private static let maximumBytes = 128

    /// U+FFFD stands for bytes that are no UTF-8: two names could look alike after that.
    static func isName(_ name: String) -> Bool {
        (1...maximumBytes).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{FFFD}" }
    }
}

extension RemoteUser {
    /// What nginx says, if it is nginx that says so. nil: nobody is signed in.
    init?(_ request: Request, provenBy edge: EdgeSecret) {
        // Compared in constant time, and before the name is looked at.
        guard request.edge == edge, let name = request.remoteUser, Self.isName(name) else { return nil }
        self.name = name
    }
}

extension Site {
    /// The user whom the web server has authenticated; nil with identity `session`, where there is none to authenticate.
    func remoteUser(_ request: Request) throws(ErrorCode) -> RemoteUser? {
        guard case .remoteUser(let edge) = settings.identity else { return nil }
        guard let user = RemoteUser(request, provenBy: edge) else { throw .loginRequired }
        return user
    }
}
