// SPDX-License-Identifier: MIT
import CCurl

/// One call under way: the owner of its easy handle, of the bytes that libcurl reads and of those that it brings.
final class Exchange {
    let call: Call
    let easy: UnsafeMutableRawPointer
    var upload: Upload
    var incoming: Incoming
    /// libcurl reads the list until the transfer ends; it makes no copy.
    private var lines: UnsafeMutablePointer<curl_slist>?

    init(_ call: Call, limits: TransferLimits) throws(TransferFailure) {
        guard let easy = curl_easy_init() else { throw .unreachable(code: Int32(CURLE_OUT_OF_MEMORY.rawValue)) }
        self.easy = easy
        self.call = call
        upload = Upload(of: call.request)
        incoming = Incoming(headerLimit: limits.headerBytes, bodyLimit: limits.replyBytes)
        // Everything is owned; from here on a failure runs `deinit`.
        try applyPolicy(limits, deadline: call.deadline)
        try applyRequest(call.request, limits)
        try applyCallbacks()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(lines)
    }

    /// `curl_slist_append(3)`: "If you have an existing list and append to it, and the call returns NULL, the list is
    /// still there".
    func appendLine(_ line: borrowing WipedBytes) throws(TransferFailure) {
        guard let longer = line.withCString({ curl_slist_append(lines, $0) }) else {
            throw .unreachable(code: Int32(CURLE_OUT_OF_MEMORY.rawValue))
        }
        lines = longer
    }

    func applyLines() throws(TransferFailure) {
        try check(ccurl_set_headers(easy, lines))
    }

    func check(_ code: CURLcode) throws(TransferFailure) {
        guard code == CURLE_OK else { throw .unreachable(code: Int32(code.rawValue)) }
    }
}
