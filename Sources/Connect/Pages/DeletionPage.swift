// SPDX-License-Identifier: MIT

/// What became of a wish that everything about an account be deleted, for the person who made it.
struct DeletionPage {
    let record: DeletionRecord

    var html: String {
        """
        <section class="card" id="deletion">
        <h2>\(title)</h2>
        <dl>
        <dt>Received</dt><dd>\(SettingsPage.time(record.receivedAt))</dd>
        <dt>Done</dt><dd>\(record.doneAt.map(SettingsPage.time) ?? "Not yet: please look again in a minute")</dd>
        <dt>Erased</dt><dd>\(erased)</dd>
        </dl>
        <p class="soft">Copies in backups go when the backups do.</p>
        </section>
        """
    }

    private var title: String {
        if record.erased == nil { return "Nothing was deleted" }
        return record.doneAt == nil ? "Your data is being deleted" : "Your data is deleted"
    }

    private var erased: String {
        guard let erased = record.erased else {
            return """
                Nothing: the account was connected again after this was asked for. To have it deleted, remove the app \
                inside Instagram once more
                """
        }
        let kinds = erased.map { kind in
            switch kind {
            case .token: "the access to the account"
            case .account: "the account's ids, its name and its type"
            case .history: "the link to the account in what was written down"
            }
        }
        return kinds.isEmpty ? "Nothing was kept about this account" : kinds.joined(separator: "; ")
    }
}
