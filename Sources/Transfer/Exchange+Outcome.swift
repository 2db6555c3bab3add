// SPDX-License-Identifier: MIT
import CCurl

extension Exchange {
    /// Nothing of the request has left while libcurl counts no byte of it (`CURLINFO_REQUEST_SIZE(3)`).
    var phase: TransferFailure.Phase {
        ccurl_get_long(easy, CURLINFO_REQUEST_SIZE) > 0 ? .total : .connect
    }

    func outcome(_ code: CURLcode) -> Call.Answer {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        // libcurl calls an answer that ends within its headers a whole one.
        guard incoming.hasWholeHead else { return .failure(.interrupted(code: Int32(CURLE_PARTIAL_FILE.rawValue))) }
        let status = ccurl_get_long(easy, CURLINFO_RESPONSE_CODE)
        return .success(OutboundReply(status: status, headers: incoming.headers, body: incoming.body))
    }

    /// What is not in the table is judged by the one question that matters: can the request have left?
    private func failure(_ code: CURLcode) -> TransferFailure {
        let number = Int32(code.rawValue)
        if incoming.overflowed || code == CURLE_FILESIZE_EXCEEDED { return .tooLarge }
        if code == CURLE_OPERATION_TIMEDOUT { return .deadline(phase) }
        guard phase == .connect else { return .interrupted(code: number) }
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .refusedURL
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return .untrusted(code: number)
        default: return .unreachable(code: number)
        }
    }
}
