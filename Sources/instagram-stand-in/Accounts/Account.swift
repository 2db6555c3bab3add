// SPDX-License-Identifier: MIT

/// Somebody on Instagram who may consent here.
struct Account: Sendable {
    /// Odd ids on purpose: they do not survive a Double.
    var appScopedID: String
    /// The professional account id (`IG_ID`): `user_id` of a profile, the id of webhooks and of Graph paths.
    let igID: String
    let username: String
    let name: String
    let type: String
    /// An invited tester who has not accepted: Graph calls answer IGApiException 100.
    var isEligible = true
    /// What the consent page says of it.
    let note: String

    static let all: [Account] = [
        Account(
            appScopedID: "27640875392278831", igID: "17841458366137975", username: "acme_shop", name: "Acme",
            type: "BUSINESS", note: "business account"),
        Account(
            appScopedID: "28154930771640293", igID: "17841460912345671", username: "bloom.ceramics",
            name: "Bloom Ceramics", type: "MEDIA_CREATOR", note: "creator account"),
        Account(
            appScopedID: "26419385520174863", igID: "17841403377219905", username: "private.person",
            name: "Private Person", type: "PERSONAL", note: "personal account, no professional one"),
        Account(
            appScopedID: "29730561184420957", igID: "17841472204518833", username: "invited.tester",
            name: "Invited Tester", type: "BUSINESS", isEligible: false,
            note: "invited tester who has not accepted"),
    ]

    static func named(_ username: String) -> Account? {
        all.first { $0.username == username }
    }
}
