// SPDX-License-Identifier: MIT

extension Store {
    /// Calls back when the writer comes round, whatever the disk says. While it waits for another's lock of the file it is
    /// late by `busyTimeout` at most; one that hangs never calls.
    package func turn(_ taken: @escaping @Sendable () -> Void) { commits.turn(taken) }

    /// The same of the reader, which comes round between two reads.
    package func readTurn(_ taken: @escaping @Sendable () -> Void) { reads.turn(taken) }

    /// Why the last commit failed; nil: it worked.
    package var failure: StoreFailure? { commits.failure }
}
