// SPDX-License-Identifier: MIT

/// What an app may ask for. Of *Instagram Login* the names without `instagram_` were withdrawn on 27 January 2025.
enum Permission {
    static let basic = "instagram_business_basic"
    static let messages = "instagram_business_manage_messages"
    static let known: Set<String> = [
        basic, messages, "instagram_business_content_publish", "instagram_business_manage_comments",
        "instagram_business_manage_insights",
    ]

    static let basicDisplay: Set<String> = ["user_profile", "user_media"]

    static func known(to product: Switches.Product) -> Set<String> {
        product == .basicDisplay ? basicDisplay : known
    }

    /// The permission to read the profile.
    static func profile(of product: Switches.Product) -> String {
        product == .basicDisplay ? "user_profile" : basic
    }

    /// A list separated by commas or spaces, each name once.
    static func list(_ text: String) -> [String] {
        var names: [String] = []
        for name in text.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        where !names.contains(name) { names.append(name) }
        return names
    }
}
