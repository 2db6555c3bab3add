// SPDX-License-Identifier: MIT

/// Everything that our pages say, in one language. Whatever has a place for a name or a time takes it as a piece of a
/// page, which its writing direction cannot leave.
struct Words: Sendable {
    let language: Language
    let title: String
    let state: @Sendable (StatusObject.State) -> String

    // Nothing is connected.
    let connectTitle: String
    let connectReason: String
    let asksFor: String
    let signsInThere: String
    let connectedElsewhere: String
    let connect: String
    let tryAgain: String
    let toSettings: String

    // A link of an application.
    let linkIsFor: @Sendable (HTML) -> HTML
    let linkOnlyIfYours: String
    let linkLeadsTo: @Sendable (HTML) -> HTML
    let linkIsOver: String

    // An account.
    let connectedNow: String
    let connectedAs: @Sendable (HTML) -> HTML
    let accountWithoutName: String
    let accountType: String
    let accountTypes: @Sendable (String) -> String?
    let permissions: String
    let connectedSince: String
    let access: String
    let renewsItself: @Sendable (HTML?) -> HTML
    let messages: String
    let messagesArrive: String
    let messagesBeingSetUp: String
    let switchAccount: String
    /// Of the account that one switches from.
    let switchingKeeps: String
    let reconnect: String

    // What needs somebody.
    /// When it ends, and whether renewing it was tried in vain.
    let expiring: @Sendable (HTML?, Bool) -> HTML
    let messagesMissing: String
    let messagesFailure: @Sendable (String) -> String
    let reason: @Sendable (String?) -> String

    let oneOfThese: String
    let permission: @Sendable (Permission) -> String
    /// What cannot be done without it.
    let need: @Sendable (Permission) -> String

    // Leaving.
    let disconnect: String
    let disconnectConsequence: String
    let disconnectThis: String
    let disconnected: String
    let accessErased: String
    let stillSubscribed: String
    let removeInInstagram: String
    let signIn: String
    let signOut: String
    let signedOut: String

    // What Meta had deleted.
    let deletionDone: String
    let deletionGoesOn: String
    let deletionOfNothing: String
    let received: String
    let done: String
    let notYet: String
    let erased: String
    let erasedNothing: String
    let keptForNewConnection: String
    let erasedKind: @Sendable (ErasedKind) -> String
    let backups: String

    let error: @Sendable (ErrorCode) -> String

    let months: [String]

    /// A moment for a person, in UTC: `3 March 2026, 14:05 UTC`. The script of our pages makes local time of it.
    func time(_ time: UnixTime) -> HTML {
        let exact = time.description
        let parts = exact.split(separator: "-", maxSplits: 2)
        let month = months[(Int(parts[1]) ?? 1) - 1]
        let day = Int(parts[2].prefix(2)) ?? 0
        let comma = language == .arabic ? "، " : ", "
        return """
            <time datetime="\(exact)"><bdi>\(String(day)) \(month) \(String(parts[0]))\(comma)\
            \(String(exact.dropFirst(11).prefix(5))) UTC</bdi></time>
            """
    }
}
