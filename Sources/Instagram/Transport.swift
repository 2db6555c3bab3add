// SPDX-License-Identifier: MIT
package import HTTPTypes
package import Vault

/// One call to Instagram: a half that may be printed, and a secret half.
package struct Call: Sendable, CustomStringConvertible {
    package enum Name: String, Sendable, CaseIterable {
        case exchangeCode = "exchange-code"
        case extendToken = "extend-token"
        case readProfile = "read-profile"
        case refreshToken = "refresh-token"
        case readSubscription = "read-subscription"
        case subscribe, unsubscribe
    }

    package enum Method: Sendable {
        case get, post, delete
    }

    package let name: Name
    package let method: Method
    /// Scheme, host and path; no query.
    package let url: String
    package let secret: Secret

    /// - Parameter method: A query goes with a GET and a form with a POST, where nothing else is said.
    init(name: Name, _ method: Method? = nil, url: String, secret: Secret) {
        self.name = name
        self.method =
            switch (method, secret) {
            case (let method?, _): method
            case (nil, .query): .get
            case (nil, .form): .post
            }
        self.url = url
        self.secret = secret
    }

    /// Instagram wants the app secret and tokens in the query of a GET, and of a POST and a DELETE too: no URL of a call
    /// is ever logged whole.
    package enum Secret: Sendable {
        case query(QueryString)
        /// The body of a POST, `application/x-www-form-urlencoded`.
        case form(FormBody)
    }

    package var description: String { name.rawValue }
    /// Sent at most once, whatever happens to the connection: it spends an authorization code.
    package var once: Bool { name == .exchangeCode }
}

/// What came back, whole. The body may hold a token, so it does not print.
package struct Reply: Sendable, CustomStringConvertible {
    package let status: Int
    package let headers: HTTPFields
    package let body: [UInt8]

    package init(status: Int, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var description: String { "\(status), \(body.count) bytes" }
}

/// Why no whole answer came back.
package enum TransportFailure: Error, Sendable, Equatable {
    case deadline
    /// The deadline passed while there was no connection: no byte of the call was sent.
    case unconnected
    /// DNS, connection refused, TLS: no byte of the call was sent.
    case unreachable(String)
    /// Reset, or an answer that is no HTTP: the call may have been received.
    case broken(String)
    case tooLarge
    /// This process is stopping, or the task was cancelled.
    case stopped
    /// Too many calls wait already; this one was not begun.
    case busy
}

extension TransportFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .deadline: "no answer in time"
        case .unconnected: "no connection in time"
        case .unreachable(let why), .broken(let why): why
        case .tooLarge: "answer too large"
        case .stopped: "stopped"
        case .busy: "too many calls"
        }
    }
}

/// The one seam to the outside world.
package struct Transport: Sendable {
    package let send: @Sendable (Call) async throws(TransportFailure) -> Reply

    package init(_ send: @escaping @Sendable (Call) async throws(TransportFailure) -> Reply) {
        self.send = send
    }
}
