// SPDX-License-Identifier: MIT
import CCurl
import Glibc

/// epoll over libcurl's sockets and the wake descriptor.
struct Poller: ~Copyable {
    private static let batch = 64  // events a round; the rest stays ready for the next

    private let epoll: Descriptor
    private let wake: Descriptor
    private var ready = [ccurl_ready](repeating: ccurl_ready(), count: batch)

    init() throws(TransferUnavailable) {
        let epoll = try Descriptor(ccurl_epoll_create(), from: "epoll_create1")
        let wake = try Descriptor(ccurl_wake_create(), from: "eventfd")
        guard ccurl_epoll_watch(epoll.number, wake.number, CURL_POLL_IN) == 0 else {
            throw TransferUnavailable(call: "epoll_ctl", code: errno)
        }
        self.epoll = epoll
        self.wake = wake
    }

    var wakeNumber: Int32 { wake.number }

    /// What libcurl asks for in its socket callback. False when the kernel cannot.
    func watch(_ socket: Int32, for what: Int32) -> Bool {
        // Removing what is gone already is no failure: a closed socket leaves epoll by itself.
        ccurl_epoll_watch(epoll.number, socket, what) == 0 || what == CURL_POLL_REMOVE
    }

    /// Sleeps until something is ready or the moment has come; nil sleeps without end. Wake-ups are taken out.
    mutating func wait(until moment: ContinuousClock.Instant?) throws(TransferUnavailable) -> [ccurl_ready] {
        let count = ccurl_epoll_wait(epoll.number, &ready, Int32(Self.batch), Self.milliseconds(until: moment))
        if count < 0 {
            let code = errno
            guard code == EINTR else { throw TransferUnavailable(call: "epoll_wait", code: code) }
            return []
        }
        return ready.prefix(Int(count)).filter { event in
            guard event.descriptor == wake.number else { return true }
            ccurl_wake_clear(wake.number)
            return false
        }
    }

    /// Rounded up: a millisecond too early would be a busy loop.
    private static func milliseconds(until moment: ContinuousClock.Instant?) -> Int32 {
        guard let moment else { return -1 }
        let left = moment - ContinuousClock.now
        guard left > .zero else { return 0 }
        return left < .seconds(3_600) ? Int32(left.milliseconds + 1) : 3_600_000
    }
}

extension Duration {
    /// Whole milliseconds, the rest cut off.
    var milliseconds: Int {
        Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
