// SPDX-License-Identifier: MIT

/// Where a connect link leads: for whom an account is connected, where one ends after that, and one button.
struct LinkPage {
    let words: Words
    /// nil: it was used, or is too old, or never was.
    let open: Open?

    struct Open {
        let userName: String
        /// Where the visitor ends.
        let host: String
        /// The permissions that the visitor will be asked for.
        let scopes: [String]
        /// This page's own address.
        let action: String
    }

    var html: HTML { open.map(invitation) ?? over }

    private func invitation(_ open: Open) -> HTML {
        """
        <section class="card" id="link">
        <h2>\(words.connectTitle)</h2>
        <p>\(words.linkIsFor("<strong>\(.name(open.userName))</strong>"))</p>
        <p>\(words.linkOnlyIfYours)</p>
        <p>\(words.asksFor)</p>
        \(words.list(of: open.scopes))
        \(HTML.form(open.action, words.connect, id: "connect", isSecond: false))
        <p class="soft">\(words.linkLeadsTo("<bdi>\(open.host)</bdi>"))</p>
        <p class="soft">\(words.signsInThere)</p>
        </section>
        """
    }

    private var over: HTML {
        """
        <section class="card" id="link">
        <p role="alert" class="notice">\(words.linkIsOver)</p>
        </section>
        """
    }
}
