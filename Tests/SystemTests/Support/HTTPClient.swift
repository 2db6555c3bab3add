// SPDX-License-Identifier: MIT
import Foundation
import Transfer
import Vault

/// The product's own libcurl as the client of all tests: it follows no redirect and adds nothing.
final class HTTPClient: Sendable {
    static let shared = HTTPClient()

    private let transfer = Transfer(
        limits: TransferLimits(
            connectDeadline: .seconds(20), totalDeadline: .seconds(60), replyBytes: 16 << 20, headerBytes: 256 << 10,
            connectionsPerHost: 256, allowsPlainHTTP: true))

    private init() {
        Task.detached { [transfer] in try await transfer.run() }
    }

    func send(
        _ method: HTTPMethod = .get, _ url: String, headers: [(name: String, value: String)] = [],
        body: String? = nil, contentType: String = "application/x-www-form-urlencoded"
    ) async throws -> Response {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let request = OutboundRequest(
            name: "test", method: method == .get ? .get : .post, url: String(parts[0]),
            query: parts.count > 1 ? QueryString(utf8: String(parts[1])) : nil, headers: headers,
            body: method == .post ? Array((body ?? "").utf8) : nil, contentType: contentType,
            replay: method == .get ? .safe : .never)
        let reply = try await transfer.send(request)
        return Response(status: reply.status, headers: reply.headers, body: reply.body)
    }
}

/// The verbs of pages and scripts; others are sent byte by byte.
enum HTTPMethod: Sendable {
    case get, post
}

/// What came back.
struct Response: Sendable {
    let status: Int
    /// In order of arrival, names in lower case.
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

    func decoded<Value: Decodable>(_: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(body))
    }

    /// The error of an answer that is one, in the shape of product.md, section 2.
    var error: ErrorBody? { try? decoded() }
}

struct ErrorBody: Decodable, Equatable, Sendable {
    let status: String
    let error: String
    let message: String
    let requestId: String
}

/// The JSON of a success, and the status object: what tests look at.
struct Account: Decodable, Equatable, Sendable {
    let status: String
    var state: String?
    var connected: Bool?
    var instagramUserId: String?
    var instagramUsername: String?
    var name: String?
    var accountType: String?
    var scopes: [String]?
}
