// SPDX-License-Identifier: MIT

/// Pages with an own, neutral look: nobody should take them for Instagram's.
enum HTML {
    /// For text and for attributes in double quotes.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// `body` is HTML already.
    static func page(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>\(escape(title)) – Stand-in for Instagram</title>
        <style>\(style)</style>
        </head>
        <body>
        <p class="banner" role="note">Stand-in for Instagram – development only</p>
        <main>
        <h1>\(escape(title))</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    /// System colours: readable in light, dark and forced-colour modes without a palette of our own.
    private static let style = """
        :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
        body { margin: 0; background: Canvas; color: CanvasText; overflow-wrap: anywhere; }
        .banner { margin: 0; padding: .75rem 1rem; background: #5b2a00; color: #fff; font-weight: 600;
          text-align: center; }
        main { max-width: 34rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; }
        fieldset { margin: 0 0 1rem; padding: .5rem 1rem; border: 1px solid GrayText; border-radius: .5rem; }
        legend { padding: 0 .25rem; font-weight: 600; }
        label { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; }
        input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; }
        button { min-height: 2.75rem; min-width: 7rem; margin: 0 .5rem .5rem 0; padding: 0 1rem; font: inherit;
          cursor: pointer; border: 2px solid ButtonText; border-radius: .5rem;
          background: ButtonFace; color: ButtonText; }
        :focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
        """
}
