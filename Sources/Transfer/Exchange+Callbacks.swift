// SPDX-License-Identifier: MIT
import CCurl

extension Exchange {
    /// The exchange outlives its easy handle, so the pointer is good whenever libcurl calls.
    func applyCallbacks() throws(TransferFailure) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(ccurl_set_pointer(easy, CURLOPT_PRIVATE, context))
        // `CURLOPT_WRITEFUNCTION(3)`: a number other than the number of bytes that it was given ends the transfer.
        try check(ccurl_on_header(easy, { bytes, _, count, context in
            Exchange.lent(context).incoming.takeHeader(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
        }, context))
        try check(ccurl_on_body(easy, { bytes, _, count, context in
            Exchange.lent(context).incoming.takeBody(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
        }, context))
        guard call.request.method == .post else { return }
        try check(ccurl_on_upload(easy, { room, size, count, context in
            Exchange.lent(context).upload.read(into: UnsafeMutableRawBufferPointer(start: room, count: size * count))
        }, context))
        guard call.request.replay == .safe else { return }
        try check(ccurl_on_rewind(easy, { context, offset, origin in
            guard origin == 0 else { return CURL_SEEKFUNC_CANTSEEK }  // SEEK_SET, the only one that libcurl uses
            return Exchange.lent(context).upload.seek(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
        }, context))
    }

    private static func lent(_ context: UnsafeMutableRawPointer?) -> Exchange {
        // `applyCallbacks` is the only place that sets it, and never to NULL.
        Unmanaged<Exchange>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }
}
