// SPDX-License-Identifier: MIT

/// What became of a wish that everything about an account be deleted, for the person who made it.
struct DeletionPage {
    let record: DeletionRecord
    let words: Words

    var html: HTML {
        """
        <section class="card" id="deletion">
        <h2>\(title)</h2>
        <dl>
        <div><dt>\(words.received)</dt><dd>\(words.time(record.receivedAt))</dd></div>
        <div><dt>\(words.done)</dt><dd>\(record.doneAt.map(words.time) ?? HTML(text: words.notYet))</dd></div>
        <div><dt>\(words.erased)</dt><dd>\(erased)</dd></div>
        </dl>
        <p class="soft">\(words.backups)</p>
        </section>
        """
    }

    private var title: String {
        if record.erased == nil { return words.deletionOfNothing }
        return record.doneAt == nil ? words.deletionGoesOn : words.deletionDone
    }

    private var erased: HTML {
        guard let kinds = record.erased else { return HTML(text: words.keptForNewConnection) }
        if kinds.isEmpty { return HTML(text: words.erasedNothing) }
        return "<ul>\(kinds.map { "<li>\(words.erasedKind($0))</li>" })</ul>"
    }
}
