// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Transfer

extension Transport {
    /// Calls to Instagram by libcurl.
    static func live(_ transfer: Transfer) -> Transport {
        Transport { call throws(TransportFailure) in
            var request = OutboundRequest(
                name: call.name.rawValue, method: .get, url: call.url, replay: call.once ? .never : .safe)
            switch call.secret {
            case .query(let query): request.query = query
            case .form(let form):
                request.method = .post
                request.form = form
            }
            do throws(TransferFailure) {
                let reply = try await transfer.send(request)
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
