// SPDX-License-Identifier: MIT

/// How this Instagram behaves. The JSON of `/control` has these names.
struct Switches: Encodable, Sendable {
    /// Which of Instagram's two products this is.
    var product = Product.instagramLogin
    /// The answer to a code: A as Meta's guide prints it, B as seen in the field, C without permissions.
    var tokenShape = TokenShape.b
    /// `user_id` in the answer to a code, and both ids of a profile.
    var userID = IDForm.asShape
    var permissions = PermissionsForm.asShape
    var meShape = MeShape.flat
    var accountTypeCase = AccountTypeCase.upper
    /// Fields that a profile leaves out although they were asked for.
    var meOmits: [String] = []
    /// Seconds that the clock of codes and tokens is ahead.
    var clockOffset = 0
    /// Whether a denial carries `state`.
    var denialState = true
    /// "Insufficient developer role", by redirect or on Instagram's own page.
    var noRole = NoRole.off
    var refreshSameToken = false
    var refreshPermissions = true
    /// Whether errors carry `error_subcode`.
    var subcodes = true
    /// The status of code 190.
    var deadStatus = DeadStatus.badRequest
    /// Who consents, whatever was chosen: `chosen` or a username.
    var account = Self.chosen
    var faults: [Fault] = []

    static let chosen = "chosen"

    enum Product: String, Codable, Sendable {
        case instagramLogin = "instagram-login"
        /// Switched off in December 2024: one id, no versions, no messages.
        case basicDisplay = "basic-display"
    }

    enum TokenShape: String, Codable, Sendable {
        case a = "A"
        case b = "B"
        case c = "C"
    }

    enum IDForm: String, Codable, Sendable {
        case asShape = "as-shape"
        case number, string
    }

    enum PermissionsForm: String, Codable, Sendable {
        case asShape = "as-shape"
        case array, string, absent
    }

    enum MeShape: String, Codable, Sendable { case flat, wrapped }
    enum AccountTypeCase: String, Codable, Sendable { case upper, title }
    enum NoRole: String, Codable, Sendable { case redirect, page, off }
    enum DeadStatus: Int, Codable, Sendable {
        case badRequest = 400
        case unauthorized = 401
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case product
        case tokenShape = "token_shape"
        case userID = "user_id"
        case permissions
        case meShape = "me_shape"
        case accountTypeCase = "account_type_case"
        case meOmits = "me_omits"
        case clockOffset = "clock_offset"
        case denialState = "denial_state"
        case noRole = "no_role"
        case refreshSameToken = "refresh_same_token"
        case refreshPermissions = "refresh_permissions"
        case subcodes
        case deadStatus = "dead_status"
        case account, faults
    }
}
