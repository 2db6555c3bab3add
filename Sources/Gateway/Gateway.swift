// SPDX-License-Identifier: MIT
import CFastCGI
import Glibc
import Synchronization

/// Bounds of the FastCGI edge.
package struct GatewayLimits: Sendable {
    /// A request has to be whole this long after its connection was accepted.
    package var completeWithin: Duration = .seconds(5)
    /// Bytes of one request in the socket's buffer, records and padding included.
    package var requestBytes = 65_536
    /// Bytes of a body that is handed on.
    package var bodyBytes = 16_384
    /// Bytes of an answer, header block included. libfcgi's write blocks, and about 196 KB fit unread into the socket:
    /// what is longer would let a peer that does not read hold the thread.
    package var answerBytes = 192_000
    /// Connections whose request is not whole yet. One more closes the one that waited longest.
    package var waiting = 1_024
    /// Requests that were handed on and are not answered. At the bound nothing is accepted; nginx queues. Those that
    /// were accepted before, at most `waiting`, are handed on beyond it when they are whole.
    package var unanswered = 16_384
    /// After a stop, requests that run get this long before `overdue` is called, and as long again after it.
    package var drain: Duration = .seconds(10)

    package init() {}
}

/// What the operator should know of the edge, beside the requests themselves.
package enum GatewayEvent: Sendable, Equatable {
    /// A stream that libfcgi was not shown.
    case refused(Screen.Fault)
    /// Not whole in time, or pushed out by newer ones.
    case stalled
    case unreadable(String)
    /// An answer above the limit, by its number of bytes: a 500 went out in its place.
    case oversized(Int)
    /// accept() failed for want of descriptors or memory; it is tried again.
    case exhausted(errno: Int32)
    /// Requests that did not end after a stop.
    case abandoned(Int)
}

/// The FastCGI edge: one thread that accepts, screens and reads requests and starts a task for each.
///
/// What the handler does without suspending runs on the gateway's thread, without a hop; what waits holds no thread.
package final class Gateway: Sendable {
    package typealias Handler = @Sendable (GatewayRequest) async -> GatewayResponse

    let socket: ListeningSocket
    let limits: GatewayLimits
    let handler: Handler
    let observe: @Sendable (GatewayEvent) -> Void
    /// Called once when requests still run a `drain` after the stop: the owner ends what they wait for.
    let overdue: @Sendable () -> Void

    /// Readable when the thread should look up: a stop, or an answer after it.
    let wake: Int32
    let epoll: Int32
    private let stopping = Atomic<Bool>(false)
    /// Requests that run, by when they were read: those that a stop waits for, and those that came after it.
    private let unanswered = Atomic<Int>(0)
    private let unansweredLate = Atomic<Int>(0)
    private let left = Mutex<[LeftExchange]>([])
    /// Who waits for the thread to come round; nil when it has ended.
    private let turns = Mutex<[@Sendable () -> Void]?>([])

    package init(
        socket: ListeningSocket, limits: GatewayLimits = GatewayLimits(),
        observe: @escaping @Sendable (GatewayEvent) -> Void = { _ in },
        overdue: @escaping @Sendable () -> Void = {},
        handler: @escaping Handler
    ) throws(ListeningSocket.Failure) {
        self.socket = socket
        self.limits = limits
        self.observe = observe
        self.overdue = overdue
        self.handler = handler
        wake = linux_eventfd()
        guard wake >= 0 else { throw .system("eventfd", errno: errno) }
        epoll = linux_epoll_create()
        guard epoll >= 0 else {
            let code = errno
            close(wake)
            throw .system("epoll_create", errno: code)
        }
    }

    deinit {
        close(wake)
        close(epoll)
    }

    /// Whether the listening socket outlives this process, so that another one can answer.
    package var isHandedOver: Bool { socket.ownPath == nil }

    /// Initialises libfcgi, which installs signal handlers of its own: call it before signals are set up.
    package static func initialiseLibrary() -> Bool {
        fastcgi_initialise() == 0
    }

    /// Serves until `stop()`, then until what was read is answered, within the bound. Run it once.
    package func run() async {
        await withCheckedContinuation { continuation in
            startThread("gateway") {
                GatewayLoop(self).run()
                continuation.resume()
            }
        }
    }

    /// Ends serving, at once if nothing runs. Safe from any thread, any number of times.
    package func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        wakeUp()
    }

    /// Calls back on the gateway's thread when it comes round, and at once where it has ended: a thread that hangs in a
    /// request never does.
    package func turn(_ taken: @escaping @Sendable () -> Void) {
        let hasEnded = turns.withLock { turns in
            turns?.append(taken)
            return turns == nil
        }
        if hasEnded { taken() } else { wakeUp() }
    }

    func takeTurns() {
        let waiting = turns.withLock { turns in
            defer { if turns != nil { turns = [] } }
            return turns ?? []
        }
        for taken in waiting { taken() }
    }

    func endTurns() {
        let waiting = turns.withLock { $0.take() ?? [] }
        for taken in waiting { taken() }
    }

    // In one order for all threads: the last answer sees the stop, or the drain sees the last answer.
    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }
    var running: Int { runningSinceBeforeStop + unansweredLate.load(ordering: .sequentiallyConsistent) }
    var runningSinceBeforeStop: Int { unanswered.load(ordering: .sequentiallyConsistent) }

    func start(_ request: GatewayRequest, _ exchange: consuming Exchange) {
        let isLate = isStopping
        count(isLate, 1)
        var slot: Exchange? = exchange
        Task.immediateDetached {
            let response = await self.handler(request)
            if let exchange = slot.take() { self.end(exchange, with: response) }
            self.count(isLate, -1)
            if self.isStopping { self.wakeUp() }
        }
    }

    private func answer(_ response: GatewayResponse, _ exchange: consuming Exchange) {
        let head = response.headerBlock()
        let bytes = head.count + response.body.count
        if bytes <= limits.answerBytes {
            exchange.answer(head, response.body)
        } else {
            observe(.oversized(bytes))
            exchange.answer(GatewayResponse.oversized.headerBlock(), GatewayResponse.oversized.body)
        }
    }

    private func end(_ exchange: consuming Exchange, with response: GatewayResponse) {
        guard response.isBetterLeft, isHandedOver, left.withLock({ $0.count }) < limits.waiting else {
            return answer(response, exchange)
        }
        let leaving = LeftExchange(exchange)
        left.withLock { $0.append(leaving) }
    }

    /// Once nothing is accepted here any more, or nginx would come back to us.
    func closeLeft() { left.withLock { $0.removeAll() } }

    private func count(_ isLate: Bool, _ change: Int) {
        if isLate {
            unansweredLate.add(change, ordering: .sequentiallyConsistent)
        } else {
            unanswered.add(change, ordering: .sequentiallyConsistent)
        }
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }
}

/// A request that this process does not answer: its connection is closed with it.
private final class LeftExchange: Sendable {
    private let exchange: Exchange

    init(_ exchange: consuming Exchange) {
        self.exchange = exchange
    }
}

/// A detached thread with a name that `top -H` shows.
private func startThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var thread = pthread_t()
    let failed = pthread_create(
        &thread, nil,
        { argument in
            let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
            linux_name_thread(start.name)
            start.body()
            return nil
        }, Unmanaged.passRetained(Start(name, body)).toOpaque())
    precondition(failed == 0, "no thread left at start")
    pthread_detach(thread)
}
