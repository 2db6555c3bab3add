// SPDX-License-Identifier: MIT
import CCurl
import Glibc

extension Exchange {
    /// The exchange outlives its easy handle, so the pointer is good whenever libcurl calls.
    func applyCallbacks() throws(TransferFailure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(ccurl_set_pointer(easy, CURLOPT_PRIVATE, context))
        try check(ccurl_on_header(easy, Self.onHeader, context))
        try check(ccurl_on_body(easy, Self.onBody, context))
        guard call.request.method == .post else { return }
        try check(ccurl_on_upload(easy, Self.onUpload, context))
        guard call.request.replay == .safe else { return }
        try check(ccurl_on_rewind(easy, Self.onRewind, context))
    }

    // `CURLOPT_WRITEFUNCTION(3)`, also for headers: another number than the number of bytes given ends the transfer.
    private static let onHeader: curl_write_callback = { bytes, _, count, context in
        lent(context).incoming.takeHeader(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    private static let onBody: curl_write_callback = { bytes, _, count, context in
        lent(context).incoming.takeBody(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
    }

    private static let onUpload: curl_read_callback = { room, size, count, context in
        lent(context).upload.read(into: UnsafeMutableRawBufferPointer(start: room, count: size * count))
    }

    private static let onRewind: curl_seek_callback = { context, offset, origin in
        guard origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }  // the only one that libcurl uses
        return lent(context).upload.seek(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
    }

    /// `applyCallbacks` is the only place that sets the context, and never to NULL.
    private static func lent(_ context: UnsafeMutableRawPointer?) -> Exchange {
        Unmanaged<Exchange>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }
}
