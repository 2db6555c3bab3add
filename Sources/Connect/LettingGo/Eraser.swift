// SPDX-License-Identifier: MIT
import Logging
import Synchronization

/// When the file is written anew, so that what is overwritten leaves nothing beside the rows. The writer does nothing else
/// meanwhile, so it takes at most a hundredth of the time.
struct Eraser: Sendable {
    private static let share = 100

    private var notBefore: Duration = .zero
    /// Of these the file holds nothing any more; the log may.
    var rewritten: Set<Int64> = []
    var hasTold = false

    /// How long it has to wait; nil: not at all.
    func wait(at now: Duration) -> Duration? { now < notBefore ? notBefore - now : nil }

    mutating func took(_ time: Duration, until now: Duration) { notBefore = now + time * Self.share }
}

extension LettingGo {
    /// Whether the file may be written anew now, whatever that costs others.
    package enum Haste: Sendable {
        /// Beside everything else that is served.
        case serving
        /// Nobody else waits.
        case once
    }

    private static let atOnce = 1_000

    /// Takes away what file and log keep of tokens that are overwritten.
    ///
    /// - Returns: Whether nothing is left to do.
    func erase(_ haste: Haste) async throws(StoreFailure) -> Bool {
        let overwritten = try await store.overwritten(limit: Self.atOnce)
        // The log first: it is emptied in no time, and the file may have to wait, or the disk have no room for another.
        guard try await emptyLog() else { return false }
        let isNew = !eraser.withLock { $0.rewritten }.isSuperset(of: overwritten)
        if isNew || store.remains.withLock({ $0.inFile }) {
            guard try await rewrite(overwritten, haste), try await emptyLog() else { return false }
        }
        try await store.erased(overwritten, now: clock().time)
        eraser.withLock { $0.rewritten.subtract(overwritten) }
        return overwritten.count < Self.atOnce
    }

    /// - Returns: false: somebody reads.
    private func emptyLog() async throws(StoreFailure) -> Bool {
        // What is overwritten from here on is for the next time.
        let isDirty = store.remains.withLock { remains in
            defer { remains.inLog = false }
            return remains.inLog
        }
        guard isDirty else { return true }
        var isEmpty = false
        defer { if !isEmpty { store.remains.withLock { $0.inLog = true } } }
        isEmpty = try await store.truncateLog()
        return isEmpty
    }

    /// - Returns: false: it is not its time yet.
    private func rewrite(_ overwritten: [Int64], _ haste: Haste) async throws(StoreFailure) -> Bool {
        let began = pause.now()
        if haste == .serving {
            if eraser.withLock({ $0.wait(at: began) }) != nil { return false }
            let size = try await store.size()
            guard size <= Store.rewritable else {
                tellOfSize(size)
                store.remains.withLock { $0.inFile = false }
                eraser.withLock { $0.rewritten.formUnion(overwritten) }
                return true
            }
        }
        store.remains.withLock { $0 = Remains(inLog: true, inFile: false) }
        do throws(StoreFailure) {
            try await store.rewrite()
        } catch {
            store.remains.withLock { $0.inFile = true }
            eraser.withLock { $0.took(.seconds(1), until: pause.now()) }
            throw error
        }
        let now = pause.now()
        eraser.withLock { eraser in
            eraser.took(now - began, until: now)
            eraser.rewritten.formUnion(overwritten)
        }
        return true
    }

    private func tellOfSize(_ size: Int) {
        let isFirst = eraser.withLock { eraser in
            defer { eraser.hasTold = true }
            return !eraser.hasTold
        }
        guard isFirst else { return }
        log.warning(
            "database not rewritten",
            metadata: [
                "bytes": "\(size)",
                "effect": "pages may keep copies of sealed tokens beside their rows",
                "remedy": "`ig-shop-auth compact`, while the service is stopped",
            ])
    }
}
