// SPDX-License-Identifier: MIT
import Logging

/// swift-log's lines as lines of the journal.
struct JournalHandler: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    init(_ journal: Journal) {
        self.journal = journal
        logLevel = journal.level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        journal.line(event.level) { line in
            line.add("event", event.message.description)
            for (key, value) in all.sorted(by: { $0.key < $1.key }) { line.add(key, value.description) }
        }
    }
}
