// SPDX-License-Identifier: MIT

extension Words {
    static let english = Words(
        language: .english,
        title: "Instagram connection",
        state: { state in
            switch state {
            case .notConnected: "Not connected"
            case .connected: "Connected"
            case .expiring: "Access ends soon"
            case .reconnectRequired: "Reconnect needed"
            }
        },
        connectTitle: "Connect your Instagram account",
        connectReason: "The direct messages that customers send to your shop can then be read and answered from here.",
        asksFor: "Instagram will ask you to allow this:",
        signsInThere: "You sign in at Instagram, so your password is never seen here. You can disconnect at any time.",
        connectedElsewhere:
            "Connected before, on another device? Connect again: that signs you in here, and nothing is lost.",
        connect: "Connect Instagram",
        tryAgain: "Try again",
        toSettings: "Go to the Instagram connection",
        linkIsFor: { "It will be connected for \($0)." },
        linkOnlyIfYours: "Go on only if that is you, and you have just asked for this yourself.",
        linkLeadsTo: { "After that you are back at \($0)." },
        linkIsOver:
            "This link was used already, or it is too old: it works once, and for ten minutes. Go back to where it came from, and ask for a new one.",
        connectedNow: "Instagram is connected.",
        connectedAs: { "Connected as \($0)" },
        accountWithoutName: "Instagram account",
        accountType: "Account type",
        accountTypes: { type in
            switch type.uppercased() {
            case "BUSINESS": "Business"
            case "MEDIA_CREATOR", "CREATOR": "Creator"
            case "PERSONAL": "Personal"
            default: nil
            }
        },
        permissions: "You allow",
        connectedSince: "Connected since",
        access: "Access",
        renewsItself: { next in next.map { "Renews itself, next on \($0)" } ?? "Renews itself" },
        messages: "Messages",
        messagesArrive: "New messages arrive here",
        messagesBeingSetUp: "Being set up. This takes a minute",
        switchAccount: "Switch account",
        switchingKeeps: "After a switch this account stays connected, too. To end that, disconnect it first.",
        reconnect: "Reconnect Instagram",
        expiring: { end, hasFailed in
            let when: HTML = end.map { "The access ends on \($0)" } ?? "The access ends soon"
            let why: HTML =
                hasFailed ? ", because renewing it has not worked so far. It is tried again by itself." : "."
            return "\(when)\(why) To be safe, reconnect now."
        },
        messagesMissing: "New messages may not arrive here.",
        messagesFailure: { error in
            switch error {
            case "permission_missing":
                "Instagram says that managing messages is not allowed. Reconnect, and leave every permission switched on."
            case "misconfigured", "unreadable":
                "Something has to be mended on this server. Please tell whoever runs this site."
            case "limited", "unavailable":
                "Instagram did not answer as it should. It is tried again by itself."
            default: reason(error)
            }
        },
        reason: reason,
        oneOfThese: "It is one of these:",
        permission: { permission in
            switch permission {
            case .profile: "See the name and type of the account"
            case .messages: "Read and answer direct messages"
            case .comments: "Read and answer comments"
            case .publishing: "Publish posts"
            case .insights: "See statistics"
            case .media: "See posts"
            }
        },
        need: { permission in
            switch permission {
            case .profile: "Without it nobody here can tell which account this is."
            case .messages: "Without it the messages of your customers cannot be read and answered."
            case .comments, .publishing, .insights, .media: "Without it a part of what you use here does not work."
            }
        },
        disconnect: "Disconnect",
        disconnectConsequence:
            "Messages to this account are then not answered from here any more, and the access is erased here.",
        disconnectThis: "Disconnect this account",
        disconnected: "Disconnected",
        accessErased: "Nobody here has access to the account any more, and what gave it is being erased.",
        stillSubscribed: "Instagram did not confirm that it sends no more messages of this account here.",
        removeInInstagram:
            "To take the access back inside Instagram as well, open Settings, then Website permissions, then Apps and websites, and remove this app.",
        signIn: "Sign in",
        signOut: "Sign out",
        signedOut: "You are signed out in this browser. An account that is connected stays connected.",
        deletionDone: "Your data is deleted",
        deletionGoesOn: "Your data is being deleted",
        deletionOfNothing: "Nothing was deleted",
        received: "Received",
        done: "Done",
        notYet: "Not yet: please look again in a minute",
        erased: "Erased",
        erasedNothing: "Nothing was kept about this account",
        keptForNewConnection:
            "Nothing: the account was connected again after this was asked for. To have it deleted, remove the app inside Instagram once more",
        erasedKind: { kind in
            switch kind {
            case .token: "the access to the account"
            case .account: "the account's ids, its name and its type"
            case .history: "the link to the account in what was written down"
            }
        },
        backups: "Copies in backups go when the backups do.",
        error: { code in
            switch code {
            // These two speak to programs.
            case .reconnectRequired: "This account has to be connected again."
            case .unauthorized: ErrorCode.loginRequired.message
            default: code.message
            }
        },
        months: [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ])

    @Sendable private static func reason(_ reason: String?) -> String {
        switch reason {
        case "expired": "The access has expired, because it could not be renewed in time."
        case "password_changed":
            "The password of the Instagram account was changed, or Instagram ended its sessions for safety. That ends the access here as well."
        case "removed_in_instagram": "This app was removed inside Instagram."
        case "checkpoint":
            "Instagram wants the owner of the account to confirm something. Open Instagram, do what it asks, then reconnect."
        case "permission_missing": "A permission was taken back inside Instagram."
        case "not_eligible":
            "The account is no Business or Creator account any more, or may not use this app. Change it inside Instagram, then reconnect."
        case "key_missing":
            "The key to the access is missing on this server. Whoever runs this site can bring it back; reconnecting helps as well."
        default: "Instagram has taken the access back."
        }
    }
}
