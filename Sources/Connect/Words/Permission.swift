// SPDX-License-Identifier: MIT
import Instagram

/// What an account allows, as its owner thinks of it.
enum Permission: String, Sendable, CaseIterable {
    case profile, messages, comments, publishing, insights, media

    /// nil for a scope that nobody here has words for.
    init?(scope: String) {
        switch scope {
        case Scope.basic, "user_profile": self = .profile
        case Scope.messages: self = .messages
        case "instagram_business_manage_comments": self = .comments
        case "instagram_business_content_publish": self = .publishing
        case "instagram_business_manage_insights": self = .insights
        case "user_media": self = .media
        default: return nil
        }
    }
}

extension ErrorCode {
    /// Which permission was not granted, where that is known: of the code `permission_missing`, beside it in an address.
    var missingPermission: Permission? {
        switch self {
        case .profileNotGranted: .profile
        case .messagesNotGranted: .messages
        default: nil
        }
    }

    /// The same code, with what an address says about the permission.
    func missing(_ permission: Permission?) -> ErrorCode {
        switch (self, permission) {
        case (.permissionMissing, .profile): .profileNotGranted
        case (.permissionMissing, .messages): .messagesNotGranted
        default: self
        }
    }
}
