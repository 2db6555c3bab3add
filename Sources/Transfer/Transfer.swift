// SPDX-License-Identifier: MIT

/// Outbound HTTPS: one `await` a call, one thread for all of them.
package final class Transfer: Sendable {
    private let limits: TransferLimits
    private let mailbox: Mailbox

    package init(limits: TransferLimits) {
        self.limits = limits
        self.mailbox = Mailbox(limits: limits)
    }

    /// Sends once and waits for the whole answer, whatever its status. Before `run` a call waits for its start.
    /// When the task is cancelled the transfer is removed and the call fails with `.stopped`.
    package func send(_ request: OutboundRequest) async throws(TransferFailure) -> OutboundReply {
        try request.screen(allowsPlainHTTP: limits.allowsPlainHTTP)
        let ticket = mailbox.ticket()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.submit(request, ticket: ticket, continuation: continuation)
            }
        } onCancel: {
            mailbox.cancel(ticket)
        }
        return try answer.get()
    }

    /// Drives the transfers on a thread of its own; returns when `stop` was called or the task is cancelled, after the
    /// thread has ended. Runs once: a second `run` returns at once.
    package func run() async throws(TransferUnavailable) {
        guard mailbox.claim() else { return }
        var thread: WorkerThread?
        let outcome: Result<Void, TransferUnavailable> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(TransferUnavailable) {
                    thread = try WorkerThread.start(name: "transfer") { [limits, mailbox] in
                        continuation.resume(returning: Reactor.serve(mailbox, limits: limits))
                    }
                } catch {
                    mailbox.close()
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            stop()
        }
        thread?.join()
        try outcome.get()
    }

    /// Calls back on the thread when it comes round, and at once where it ends: one that hangs never does.
    package func turn(_ taken: @escaping @Sendable () -> Void) {
        mailbox.turn(taken)
    }

    /// Fails what is in flight, and every later call, with `.stopped`, and ends `run`. May be called at any time.
    package func stop() {
        mailbox.stop()
    }
}
