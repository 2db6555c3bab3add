// SPDX-License-Identifier: MIT
import Instagram

extension HTML {
    /// A button that posts.
    static func form(_ action: String, _ label: String, id: String, isSecond: Bool = true) -> HTML {
        """
        <form method="post" action="\(action)"><button id="\(id)"\
        \(isSecond ? " class=\"second\"" as HTML? : nil)>\(label)</button></form>
        """
    }
}

extension Words {
    /// Scopes as their owner thinks of them; one that nobody has words for, as it is.
    func list(of scopes: [String]) -> HTML {
        let items = scopes.map { scope -> HTML in
            Permission(scope: scope).map { "<li>\(permission($0))</li>" }
                ?? "<li><code><bdi>\(scope)</bdi></code></li>"
        }
        return "<ul>\(items)</ul>"
    }
}
