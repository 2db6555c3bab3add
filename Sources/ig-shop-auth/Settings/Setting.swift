// SPDX-License-Identifier: MIT
import Connect
import Instagram

/// Every setting that there is. The reader takes nothing else, and systemd/ig-shop-auth.env is written from it.
enum Setting: String, CaseIterable, Sendable {
    case appID = "META_APP_ID"
    case appSecret = "META_APP_SECRET"
    case redirectURI = "META_REDIRECT_URI"
    case extraSecrets = "META_EXTRA_SECRETS"
    case api = "META_API"
    case scopes = "META_SCOPES"
    case webhookFields = "META_WEBHOOK_FIELDS"
    case graphVersion = "META_GRAPH_VERSION"
    case wwwURL = "META_WWW_URL"
    case apiURL = "META_API_URL"
    case graphURL = "META_GRAPH_URL"
    case publicURL = "IG_SHOP_AUTH_PUBLIC_URL"
    case allowedOrigins = "IG_SHOP_AUTH_ALLOWED_ORIGINS"
    case afterURL = "IG_SHOP_AUTH_AFTER_URL"
    case identity = "IG_SHOP_AUTH_IDENTITY"
    case edge = "IG_SHOP_AUTH_EDGE"
    case loginURL = "IG_SHOP_AUTH_LOGIN_URL"
    case database = "IG_SHOP_AUTH_DATABASE"
    case keys = "IG_SHOP_AUTH_KEYS"
    case agents = "IG_SHOP_AUTH_AGENTS"
    case socket = "IG_SHOP_AUTH_SOCKET"
    case renewalsPerMinute = "IG_SHOP_AUTH_RENEWALS_PER_MINUTE"
    case logLevel = "IG_SHOP_AUTH_LOG_LEVEL"

    var name: String { rawValue }

    /// The value that counts where none is set; nil: there is none, or it follows from others.
    var standard: String? {
        switch self {
        case .appID, .appSecret, .redirectURI, .extraSecrets, .publicURL, .allowedOrigins, .edge, .loginURL, .socket:
            nil
        case .api: InstagramProduct.instagramLogin.name
        case .scopes: InstagramProduct.instagramLogin.scopes.joined(separator: ",")
        case .webhookFields: "messages"
        case .graphVersion: "v25.0"
        case .wwwURL: App.Hosts().www
        case .apiURL: App.Hosts().api
        case .graphURL: App.Hosts().graph
        case .afterURL: Endpoint.settings.rawValue
        case .identity: "session"
        case .database: Layout.machine.database
        case .keys: Layout.machine.keys
        case .agents: Layout.machine.agents
        case .renewalsPerMinute: "200"
        case .logLevel: "info"
        }
    }

    /// The name of a secret's credential; nil for what is no secret.
    var credential: String? {
        switch self {
        case .appSecret: "meta-app-secret"
        case .extraSecrets: "meta-extra-secrets"
        case .edge: "edge"
        default: nil
        }
    }

    /// One line for who sets it.
    var explanation: String {
        switch self {
        case .appID: "The Instagram app's id (API setup with Instagram login in the dashboard), not the Meta app's."
        case .appSecret: "The Instagram app's secret."
        case .redirectURI:
            "As registered in the dashboard, byte for byte: https://YOUR.HOST/auth/instagram/callback"
        case .extraSecrets: "Others that may sign what Meta sends, separated by commas: the Meta app's, a former one."
        case .api: "Or basic-display, which Meta has switched off."
        case .scopes: "What a visitor is asked to allow, separated by commas."
        case .webhookFields: "What accounts are subscribed to, separated by commas, or none."
        case .graphVersion: "Of the paths below META_GRAPH_URL."
        case .wwwURL: "Where a visitor is asked."
        case .apiURL: "Where a code becomes a token."
        case .graphURL: "Where tokens are renewed and profiles read."
        case .publicURL: "What links and Origin checks use; the origin of META_REDIRECT_URI, if it is not set."
        case .allowedOrigins:
            "Of frontends on the same site, separated by commas, as https://app.YOUR.HOST. Ours is allowed without it."
        case .afterURL: "Where a visitor ends who asked for nothing else: a path, or a URL on an allowed origin."
        case .identity: "session: the user is the Instagram account. remote-user: whom nginx has authenticated."
        case .edge: "With remote-user: the secret that nginx sends along. `ig-shop-auth init` makes it in both places."
        case .loginURL: "With remote-user: where a page sends those who are not signed in."
        case .database:
            "On a local disk. Elsewhere: systemctl edit ig-shop-auth ig-shop-auth-backup, with [Service] ReadWritePaths=DIRECTORY."
        case .keys: "The keyring, mode 0640 or tighter."
        case .agents: "The agents' names, hashes and users, mode 0640 or tighter."
        case .socket: "A path to listen on, where no systemd hands a socket over."
        case .renewalsPerMinute: "1 to 60000: calls for renewals and subscriptions, also those that agents ask for."
        case .logLevel: "trace, debug, info, notice, warning, error or critical."
        }
    }
}
