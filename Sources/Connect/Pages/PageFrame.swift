// SPDX-License-Identifier: MIT
import HTTPTypes
import Vault

/// What all our pages share: the document around them and the policy that goes with it. Nothing external: style and
/// script are in the page, and the policy names them by their hashes.
struct PageFrame: Sendable {
    private let contentSecurityPolicy: String
    private let loginURL: String?
    /// Whose page this is: the host that the visitor sees in the address bar, too.
    private let host: String

    /// - Parameters:
    ///   - origin: Of the public site.
    ///   - formTargets: Origins that a form of ours may be redirected to: browsers apply `form-action` to the redirect
    ///     as well.
    ///   - loginURL: Where a visitor signs in who has to.
    init(origin: String, formTargets: [String], loginURL: String?) {
        self.loginURL = loginURL
        host = String(origin.drop { $0 != "/" }.dropFirst(2))
        contentSecurityPolicy = """
            default-src 'none'; script-src '\(Self.hash(Self.script))'; style-src '\(Self.hash(Self.style))'; \
            connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
            form-action 'self' \(formTargets.joined(separator: " "))
            """
    }

    enum Content {
        case settings(SettingsPage)
        case deletion(DeletionPage)
        case link(LinkPage)
        /// One sentence and one button.
        case failure(ErrorCode)
    }

    func answer(_ content: Content, in language: Language, status: HTTPResponse.Status = .ok) -> Answer {
        let words = language.words
        let (heading, main): (String?, HTML) =
            switch content {
            case .settings(let page): (page.heading, page.html)
            case .deletion(let page): (nil, page.html)
            case .link(let page): (nil, page.html)
            case .failure(let error): (nil, failure(error, words))
            }
        let title = (heading.map { $0 + " · " } ?? "") + words.title
        let document: HTML = """
            <!doctype html>
            <html lang="\(language.rawValue)" dir="\(language.direction)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(verbatim: Self.style)</style>
            </head>
            <body>
            <main>
            <header>
            \(Self.mark)
            <div><h1>\(words.title)</h1>
            <p class="soft"><bdi>\(host)</bdi></p></div>
            </header>
            \(main)
            </main>
            <script>\(verbatim: Self.script)</script>
            </body>
            </html>

            """
        return .page(document.markup, contentSecurityPolicy: contentSecurityPolicy, status: status)
    }

    private func failure(_ error: ErrorCode, _ words: Words) -> HTML {
        let (label, target) =
            switch (error, loginURL) {
            case (.loginRequired, let loginURL?): (words.signIn, loginURL)
            // Whoever has signed in somewhere else meanwhile.
            case (.loginRequired, nil): (words.tryAgain, Endpoint.settings.rawValue)
            default: (words.toSettings, Endpoint.settings.rawValue)
            }
        return """
            <section class="card">
            <p role="alert" class="notice">\(words.error(error))</p>
            <a class="button" href="\(target)">\(label)</a>
            </section>
            """
    }

    /// Two links of a chain, our own.
    private static let mark: HTML = """
        <svg class="mark" viewBox="0 0 40 40" aria-hidden="true"><rect width="40" height="40" rx="11"/>\
        <path d="M17 23l6-6M19 14l2-2a5 5 0 0 1 7 7l-2 2M21 26l-2 2a5 5 0 0 1-7-7l2-2"/></svg>
        """

    private static let style = String(decoding: PackageResources.page_css, as: UTF8.self)
    private static let script = String(decoding: PackageResources.page_js, as: UTF8.self)

    /// Ordinary base64, padded (CSP Level 3, section 2.3.1).
    private static func hash(_ text: String) -> String {
        let digest = Base64URL.encode(Digest.sha256(text.utf8))
        return "sha256-" + digest.replacing("-", with: "+").replacing("_", with: "/") + "="
    }
}
