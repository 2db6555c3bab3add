// SPDX-License-Identifier: MIT
import CCurl

extension Exchange {
    /// Seconds after which a kept connection may have been closed by the other side without our knowing.
    private static let idleSeconds = 5

    /// The same for every call: whom we talk to, and what nobody else may decide.
    func applyPolicy(_ limits: TransferLimits, deadline: ContinuousClock.Instant) throws(TransferFailure) {
        try set(CURLOPT_PROTOCOLS_STR, limits.allowsPlainHTTP ? "https,http" : "https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)

        // Nothing from the environment or the home directory.
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")  // or `no_proxy` is still read
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))

        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        try set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // Debian builds a CAPATH in, which switches the cache of parsed authorities off: 33 ms a connection.
        try check(ccurl_set_text(easy, CURLOPT_CAPATH, nil))

        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, limits.connectDeadline.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, max(1, (deadline - .now).milliseconds))
        try set(CURLOPT_QUICK_EXIT, 1)  // a name lookup that outlives its deadline is left behind, not joined
        // Only for a length that says so beforehand, or one that is no number; what counts is `Incoming`.
        try set(CURLOPT_MAXFILESIZE, limits.replyBytes)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        // Answers and bodies are small, calls are many: a page, and the least there is.
        try set(CURLOPT_BUFFERSIZE, 4 << 10)
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 16 << 10)
        try set(CURLOPT_USERAGENT, "ig-shop-auth")
    }

    /// What this call asks for. Copies of ours that carry secrets are wiped when they go out of scope, libcurl's when
    /// it frees them (CCurl/memory.c).
    func applyRequest(_ request: OutboundRequest, _ limits: TransferLimits) throws(TransferFailure) {
        try check(request.fullURL().withCString { ccurl_set_text(easy, CURLOPT_URL, $0) })
        try applyReplay(request.replay, isShared: limits.sharesAlways)
        switch request.method {
        case .get: try set(CURLOPT_HTTPGET, 1)
        case .delete:
            // CURLOPT_CUSTOMREQUEST(3) changes the word alone: everything else is as with a GET.
            try set(CURLOPT_HTTPGET, 1)
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .post:
            try set(CURLOPT_POST, 1)
            try check(ccurl_set_body_size(easy, upload.count))
        }
        for line in request.plainLines { try appendLine(WipedBytes(line.utf8)) }
        if let bearer = request.bearer { try appendLine(WipedBytes("Authorization: Bearer ", bearer)) }
        try applyLines()
    }

    /// libcurl sends a request again by itself in three cases (7.88.1, lib/transfer.c and lib/http.c):
    ///   - a reused connection died before the first byte of an answer;
    ///   - an HTTP/2 stream was refused;
    ///   - `417` to `Expect: 100-continue`, or an authentication round: so no `Expect`, and libcurl has no credentials.
    /// In the first two it has to read the body from its start again once a byte of it has left, and only `.safe` has a
    /// rewind (`applyCallbacks`): `.never` fails there. So that this stays rare, `.never` has a connection of its own,
    /// or, where all are shared, at least none that was idle for long.
    private func applyReplay(_ replay: OutboundRequest.Replay, isShared: Bool) throws(TransferFailure) {
        let isEncrypted = call.request.url.hasPrefix("https:")
        // Rather a stream on a connection that is being made than one more. TLS says at its handshake whether that can
        // be; without TLS a cold burst would wait for the first whole answer.
        try set(CURLOPT_PIPEWAIT, isEncrypted ? 1 : 0)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        guard replay == .never else { return }
        if !isShared || !isEncrypted {
            try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
            try set(CURLOPT_FRESH_CONNECT, 1)
            try set(CURLOPT_FORBID_REUSE, 1)
        } else {
            try set(CURLOPT_MAXAGE_CONN, Self.idleSeconds)
        }
    }

    private func set(_ option: CURLoption, _ value: Int) throws(TransferFailure) {
        try check(ccurl_set_long(easy, option, value))
    }

    private func set(_ option: CURLoption, _ text: String) throws(TransferFailure) {
        try check(ccurl_set_text(easy, option, text))
    }
}
