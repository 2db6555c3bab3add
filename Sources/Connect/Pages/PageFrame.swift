// SPDX-License-Identifier: MIT
import HTTPTypes
import Vault

/// What all our pages share: the document around them and the policy that goes with it. No script, nothing external.
struct PageFrame: Sendable {
    private let contentSecurityPolicy: String
    private let loginURL: String?

    /// - Parameters:
    ///   - formTargets: Origins that a form of ours may be redirected to: browsers apply `form-action` to the redirect
    ///     as well.
    ///   - loginURL: Where a visitor signs in who has to.
    init(formTargets: [String], loginURL: String?) {
        self.loginURL = loginURL
        contentSecurityPolicy =
            "default-src 'none'; style-src 'sha256-\(Self.base64(Digest.sha256(Self.style.utf8)))'; base-uri 'none'; "
            + "frame-ancestors 'none'; form-action 'self' \(formTargets.joined(separator: " "))"
    }

    enum Content {
        case settings(SettingsPage)
        case deletion(DeletionPage)
        /// One sentence and one button.
        case failure(ErrorCode)
    }

    func answer(_ content: Content, status: HTTPResponse.Status = .ok) -> Answer {
        let main =
            switch content {
            case .settings(let page): page.html
            case .deletion(let page): page.html
            case .failure(let error):
                """
                <p role="alert" class="notice">\(escapedHTML(error.message))</p>
                \(wayOn(from: error))
                """
            }
        return .page(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Instagram connection</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1>Instagram connection</h1>
            \(main)
            </main>
            </body>
            </html>

            """, contentSecurityPolicy: contentSecurityPolicy, status: status)
    }

    private func wayOn(from error: ErrorCode) -> String {
        let (label, target) =
            switch error {
            case .loginRequired: ("Sign in", loginURL)
            default: ("Go to the Instagram settings", Endpoint.settings.rawValue)
            }
        return target.map { "<p><a class=\"button\" href=\"\(escapedHTML($0))\">\(label)</a></p>" } ?? ""
    }

    /// A policy's hash is in ordinary base64 (CSP Level 3, section 2.3.1), padded.
    private static func base64(_ digest: [UInt8]) -> String {
        Base64URL.encode(digest).replacing("-", with: "+").replacing("_", with: "/") + "="
    }

    private static let style = """
        :root{color-scheme:light dark;--ink:#1d2328;--soft:#56616b;--ground:#f5f6f7;--card:#fff;--line:#d5dade;\
        --accent:#1b5e4b;--on:#fff;--bad:#8f1d1d;--badground:#fdeeee}
        @media(prefers-color-scheme:dark){:root{--ink:#e8ecef;--soft:#a9b4bd;--ground:#15191c;--card:#1e2428;\
        --line:#3a444b;--accent:#8ed6be;--on:#0d1f19;--bad:#ffb4ab;--badground:#3a1d1d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
        main{max-width:34rem;margin:0 auto;padding:2rem 1rem}
        h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem}
        h2{font-size:1.125rem;margin:0 0 .5rem;overflow-wrap:anywhere}
        .card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:0 0 1rem}
        .notice{background:var(--badground);color:var(--bad);border:1px solid;border-radius:.75rem;padding:.75rem 1rem}
        .soft{color:var(--soft);margin:.25rem 0}
        dl{margin:.75rem 0 1rem}
        dt{color:var(--soft);font-size:.875rem}
        dd{margin:0 0 .5rem;overflow-wrap:anywhere}
        form{display:inline-block;margin:.25rem .5rem .25rem 0}
        button,.button{display:inline-block;font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.25rem;\
        border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on);cursor:pointer;\
        text-decoration:none}
        button.second{background:transparent;color:var(--ink);border-color:var(--line)}
        details.more{margin-top:1rem;border-top:1px solid var(--line);padding-top:.75rem}
        summary{cursor:pointer;color:var(--soft);min-height:1.5rem}
        :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        """
}
