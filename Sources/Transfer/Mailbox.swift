// SPDX-License-Identifier: MIT
import CCurl
import Synchronization

/// One call on its way: a value, so that it can cross to the thread.
struct Call: Sendable {
    typealias Answer = Result<OutboundReply, TransferFailure>

    let ticket: UInt64
    let request: OutboundRequest
    let deadline: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>
}

/// What callers leave for the thread. Under the lock nothing waits: it queues values and writes to an eventfd.
final class Mailbox: Sendable {
    enum Command: Sendable {
        case begin(Call)
        case cancel(ticket: UInt64)
        case turn(@Sendable () -> Void)
    }

    private enum Phase {
        case waiting
        /// `wake` is nil until the thread has opened its descriptors.
        case running(wake: Int32?)
        case stopping
        case stopped
    }

    private struct State {
        var phase = Phase.waiting
        var commands: [Command] = []
        var inFlight = 0
        var lastTicket: UInt64 = 0

        mutating func post(_ command: Command) {
            commands.append(command)
            // Not empty before: the thread has been woken and has not looked yet.
            if commands.count == 1, case .running(let wake?) = phase { ccurl_wake_signal(wake) }
        }
    }

    private let limits: TransferLimits
    private let state = Mutex(State())

    init(limits: TransferLimits) {
        self.limits = limits
    }

    // MARK: The callers' side

    func ticket() -> UInt64 {
        state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    func submit(_ request: OutboundRequest, ticket: UInt64, continuation: CheckedContinuation<Call.Answer, Never>) {
        let refusal: TransferFailure? = state.withLock { state in
            // The flag is set before a cancellation handler runs. So either it shows here, or `cancel` takes the lock
            // after us and finds the call.
            if Task.isCancelled { return .stopped }
            switch state.phase {
            case .stopping, .stopped: return .stopped
            case .waiting, .running: break
            }
            guard state.inFlight < limits.inFlight else { return .busy }
            state.inFlight += 1
            // The clock is read under the lock, so the queue is in order of its deadlines.
            let deadline = ContinuousClock.now + limits.totalDeadline
            state.post(.begin(Call(ticket: ticket, request: request, deadline: deadline, continuation: continuation)))
            return nil
        }
        if let refusal { continuation.resume(returning: .failure(refusal)) }
    }

    /// A call that is still queued is answered here, one that the thread has is left to the thread.
    func cancel(_ ticket: UInt64) {
        let queued: Call? = state.withLock { state in
            for (index, command) in state.commands.enumerated() {
                guard case .begin(let call) = command, call.ticket == ticket else { continue }
                state.commands.remove(at: index)
                return call
            }
            if case .running = state.phase { state.post(.cancel(ticket: ticket)) }
            return nil
        }
        if let queued { answer(queued, .failure(.stopped)) }
    }

    /// - Parameter taken: Called when the thread comes round, and at once where it ends.
    func turn(_ taken: @escaping @Sendable () -> Void) {
        let isEnding = state.withLock { state in
            switch state.phase {
            case .stopping, .stopped: return true
            case .waiting, .running:
                state.post(.turn(taken))
                return false
            }
        }
        if isEnding { taken() }
    }

    func stop() {
        let nobodyRuns = state.withLock { state in
            switch state.phase {
            case .waiting: return true
            case .running(let wake):
                state.phase = .stopping
                if let wake { ccurl_wake_signal(wake) }
                return false
            case .stopping, .stopped: return false
            }
        }
        if nobodyRuns { close() }
    }

    // MARK: The thread's side

    /// True for the first that asks, unless it was stopped before.
    func claim() -> Bool {
        state.withLock { state in
            guard case .waiting = state.phase else { return false }
            state.phase = .running(wake: nil)
            return true
        }
    }

    /// From here on `wake` is signalled; what was posted before is there to be collected.
    func open(wake: Int32) {
        state.withLock { state in
            if case .running = state.phase { state.phase = .running(wake: wake) }
        }
    }

    /// Everything that was posted, oldest first; nil when it is time to stop.
    func collect() -> [Command]? {
        state.withLock { state in
            guard case .running = state.phase else { return nil }
            defer { state.commands.removeAll() }
            return state.commands
        }
    }

    func answer(_ call: Call, _ answer: Call.Answer) {
        state.withLock { $0.inFlight -= 1 }
        call.continuation.resume(returning: answer)
    }

    /// From here on nobody touches the wake descriptor; what was never begun fails.
    func close() {
        let left = state.withLock { state in
            state.phase = .stopped
            defer { state.commands.removeAll() }
            return state.commands
        }
        for command in left {
            switch command {
            case .begin(let call): answer(call, .failure(.stopped))
            case .turn(let taken): taken()
            case .cancel: break
            }
        }
    }
}
