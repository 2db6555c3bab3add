// SPDX-License-Identifier: MIT
import CCurl

/// The owner of a multi handle: connections, names and TLS sessions that transfers share.
struct Multi: ~Copyable {
    /// `curl_global_init` must be called once and is never undone: the process keeps libcurl until it ends.
    private static let started = ccurl_start()

    private let handle: UnsafeMutableRawPointer

    init() throws(TransferUnavailable) {
        guard Self.started == CURLE_OK else {
            throw TransferUnavailable(call: "curl_global_init", code: Int32(bitPattern: Self.started.rawValue))
        }
        guard let handle = curl_multi_init() else { throw TransferUnavailable(call: "curl_multi_init", code: 0) }
        self.handle = handle
    }

    deinit {
        // Closing kept connections calls back, and the reactor is on its way out.
        ccurl_multi_on_socket(handle, nil, nil)
        ccurl_multi_on_timer(handle, nil, nil)
        curl_multi_cleanup(handle)
    }

    /// The reactor owns the handle, so it is there whenever libcurl calls back.
    func configure(connectionsPerHost: Int, reportingTo reactor: Reactor) throws(TransferUnavailable) {
        try check(ccurl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost))
        try check(ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, connectionsPerHost))  // idle ones that are kept
        try check(ccurl_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)))
        let context = Unmanaged.passUnretained(reactor).toOpaque()
        try check(ccurl_multi_on_socket(handle, Self.onSocket, context))
        try check(ccurl_multi_on_timer(handle, Self.onTimer, context))
    }

    private static let onSocket: curl_socket_callback = { _, socket, what, context, _ in
        guard let context else { return -1 }
        let reactor = Unmanaged<Reactor>.fromOpaque(context).takeUnretainedValue()
        return reactor.watch(socket, for: what) ? 0 : -1
    }

    private static let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
        guard let context else { return -1 }
        Unmanaged<Reactor>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds: milliseconds)
        return 0
    }

    func add(_ exchange: Exchange) throws(TransferFailure) {
        let code = curl_multi_add_handle(handle, exchange.easy)
        guard code == CURLM_OK else { throw .unreachable(code: code.rawValue) }
    }

    /// "Removing an easy handle while being in use is perfectly legal and effectively halts the transfer in progress"
    /// (`curl_multi_remove_handle(3)`).
    func remove(_ exchange: Exchange) {
        curl_multi_remove_handle(handle, exchange.easy)
    }

    func act(on socket: Int32, readiness: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(handle, socket, readiness, &running)
    }

    func actOnTimeout() {
        act(on: CURL_SOCKET_TIMEOUT, readiness: 0)
    }

    func nextDone() -> (Exchange, CURLcode)? {
        var code = CURLE_OK
        guard let easy = ccurl_next_done(handle, &code), let context = ccurl_get_pointer(easy) else { return nil }
        return (Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue(), code)
    }

    private func check(_ code: CURLMcode) throws(TransferUnavailable) {
        guard code == CURLM_OK else { throw TransferUnavailable(call: "curl_multi_setopt", code: code.rawValue) }
    }
}
