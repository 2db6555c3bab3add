// SPDX-License-Identifier: MIT

/// How long, how much and how many.
package struct TransferLimits: Sendable {
    /// For one connection, name lookup and TLS included.
    package var connectDeadline: Duration
    /// From `send` to the whole answer, waiting for a free connection included.
    package var totalDeadline: Duration
    /// For the body of an answer.
    package var replyBytes: Int
    /// For all header lines of an answer together; libcurl alone would take 100 KiB a line.
    package var headerBytes: Int
    /// Too many cost threads (one a name lookup) and descriptors, too few make flows wait. With HTTP/2 libcurl has 100
    /// calls on each (`CURLMOPT_MAX_CONCURRENT_STREAMS(3)`), with plain HTTP one.
    package var connectionsPerHost: Int
    /// Calls that are never sent twice share connections like all others: for a crowd, for which there are not enough.
    /// One handle of libcurl cannot do both: an answer over HTTP/1.1 makes it stop sharing.
    package var sharesAlways = false
    /// Calls begun and not yet answered; one more is `.busy`.
    package var inFlight: Int
    /// `http` too, and only on `localhost`, 127.0.0.0/8 and `[::1]`: for development and tests.
    package var allowsPlainHTTP: Bool

    package init(
        connectDeadline: Duration = .seconds(3), totalDeadline: Duration = .seconds(8), replyBytes: Int = 256 << 10,
        headerBytes: Int = 64 << 10, connectionsPerHost: Int = 64, inFlight: Int = 6_400, allowsPlainHTTP: Bool = false
    ) {
        self.connectDeadline = connectDeadline
        self.totalDeadline = totalDeadline
        self.replyBytes = replyBytes
        self.headerBytes = headerBytes
        self.connectionsPerHost = connectionsPerHost
        self.inFlight = inFlight
        self.allowsPlainHTTP = allowsPlainHTTP
    }
}
