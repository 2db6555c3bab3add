// SPDX-License-Identifier: MIT
import HTTPTypes

/// An error of Graph's by its numbers, so that each one of its table can be had at each endpoint:
/// `{"code": 190, "subcode": 459, "type": "OAuthException", "is_transient": true, "status": 400, "regain_minutes": 19}`.
/// Nothing but the code is needed.
struct NumberedError: Encodable, Sendable {
    let code: Int
    let subcode: Int?
    let type: String?
    let isTransient: Bool?
    let status: Int?
    /// Told in `X-Business-Use-Case-Usage`.
    let regainMinutes: Int?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case code, subcode, type, status
        case isTransient = "is_transient"
        case regainMinutes = "regain_minutes"
    }

    func graph(igID: String) -> GraphError {
        GraphError(
            message: "(#\(code)) An error that was asked for", type: type ?? "OAuthException",
            isTransient: isTransient ?? false, code: code, subcode: subcode, trace: "F1",
            status: HTTPResponse.Status(code: status ?? 400),
            fields: regainMinutes.map { GraphError.businessUsage(igID: igID, minutes: $0) } ?? [:])
    }
}

extension NumberedError: Decodable {
    init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(in: decoder, known: CodingKeys.allCases)
        let object = try decoder.container(keyedBy: CodingKeys.self)
        code = try object.decode(Int.self, forKey: .code)
        subcode = try object.decodeIfPresent(Int.self, forKey: .subcode)
        type = try object.decodeIfPresent(String.self, forKey: .type)
        isTransient = try object.decodeIfPresent(Bool.self, forKey: .isTransient)
        status = try object.decodeIfPresent(Int.self, forKey: .status)
        regainMinutes = try object.decodeIfPresent(Int.self, forKey: .regainMinutes)
        try check(200...599 ~= status ?? 400, "status is not within 200 and 599", decoder)
    }
}
