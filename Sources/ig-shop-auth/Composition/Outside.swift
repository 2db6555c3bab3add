// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Transfer

extension Transport {
    /// Calls to Instagram by libcurl: the code exchange with a connection of its own while `alone` has one, all others,
    /// and what is more than that, through `crowd`.
    static func live(crowd: Transfer, alone: Transfer, clock: ClockWatch? = nil) -> Transport {
        Transport { call throws(TransportFailure) in
            var request = OutboundRequest(
                name: call.name.rawValue, method: OutboundRequest.Method(call.method), url: call.url,
                replay: call.once ? .never : .safe)
            switch call.secret {
            case .query(let query): request.query = query
            case .form(let form): request.form = form
            }
            do throws(TransferFailure) {
                let transfers = call.once ? [alone, crowd] : [crowd]
                let reply =
                    if let clock {
                        try await clock.observing { () async throws(TransferFailure) in
                            try await sendOnce(request, by: transfers)
                        }
                    } else {
                        try await sendOnce(request, by: transfers)
                    }
                var headers = HTTPFields()
                for (name, value) in reply.headers {
                    if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
                }
                return Reply(status: reply.status, headers: headers, body: reply.body)
            } catch {
                throw TransportFailure(error)
            }
        }
    }
}

/// By the first that is not busy: who is busy has sent nothing.
private func sendOnce(_ request: OutboundRequest, by transfers: [Transfer]) async throws(TransferFailure)
    -> OutboundReply
{
    for transfer in transfers.dropLast() {
        do throws(TransferFailure) {
            return try await transfer.send(request)
        } catch {
            guard case .busy = error else { throw error }
        }
    }
    return try await transfers[transfers.count - 1].send(request)
}

extension OutboundRequest.Method {
    fileprivate init(_ method: Call.Method) {
        self =
            switch method {
            case .get: .get
            case .post: .post
            case .delete: .delete
            }
    }
}

extension TransportFailure {
    fileprivate init(_ failure: TransferFailure) {
        self =
            switch failure {
            case .deadline(.connect): .unconnected
            case .deadline(.total): .deadline
            case .tooLarge: .tooLarge
            case .stopped: .stopped
            case .busy: .busy
            case .unreachable, .untrusted, .refusedURL: .unreachable("\(failure)")
            case .interrupted: .broken("\(failure)")
            }
    }
}
