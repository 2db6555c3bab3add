// SPDX-License-Identifier: MIT
import CFastCGI
import HTTPTypes

/// The one chance to answer a request. Answering consumes it; a dropped one closes the connection.
///
/// It may be answered on another thread than the gateway's: libfcgi keeps nothing thread-local, and there is one owner.
struct Exchange: ~Copyable, @unchecked Sendable {
    private let request: OpaquePointer

    /// Lets libfcgi read what the screen accepted. Takes the connection over. nil: it is closed.
    init?(reading connection: Int32) {
        guard let request = fastcgi_read(connection) else { return nil }
        self.request = request
    }

    deinit {
        fastcgi_abandon(request)
    }

    enum Unreadable: Error {
        case body
        case variables(VariableFault)
    }

    /// The request as a value. The body is read to its end in any case: bytes left unread would reset the peer.
    func received(bodyLimit: Int, scratch: UnsafeMutableRawBufferPointer) throws(Unreadable) -> GatewayRequest {
        let count = fastcgi_read_body(request, scratch.baseAddress, scratch.count)
        guard count >= 0 else { throw .body }
        let tooLong = count > bodyLimit
        let body = tooLong || count == 0 ? [] : [UInt8](scratch[..<count])
        do throws(VariableFault) {
            let variables = UnsafeRawPointer(fastcgi_variables(request)!)
                .assumingMemoryBound(to: UnsafeMutablePointer<CChar>?.self)
            let received = try GatewayRequest(variables: variables, body: body, bodyExceedsLimit: tooLong)
            // A number (RFC 9110, section 8.6), which a client may have written with leading zeros.
            if let declared = received.head.headerFields[.contentLength],
                !declared.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || Int(declared) != count
            {
                throw .malformed("CONTENT_LENGTH")
            }
            return received
        } catch {
            throw .variables(error)
        }
    }

    /// Sends the answer and ends the request.
    consuming func answer(_ head: [UInt8], _ body: [UInt8]) {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                fastcgi_answer(request, head.baseAddress, head.count, body.baseAddress, body.count)
            }
        }
        discard self
    }
}
