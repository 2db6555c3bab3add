// SPDX-License-Identifier: MIT

/// The error shapes of Instagram: Graph's nested one, and the flat one of the code exchange.
struct ErrorReply: Decodable {
    let type: String?
    let code: Int?
    let subcode: Int?
    let isTransient: Bool
    let isFlat: Bool

    private enum Key: String, CodingKey {
        case error, type, code
        case subcode = "error_subcode"
        case isTransient = "is_transient"
        case errorType = "error_type"
        case errorMessage = "error_message"
    }

    init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Key.self)
        if let graph = try? outer.nestedContainer(keyedBy: Key.self, forKey: .error) {
            type = try? graph.decode(String.self, forKey: .type)
            code = Self.number(graph, .code)
            subcode = Self.number(graph, .subcode)
            isTransient =
                (try? graph.decode(Bool.self, forKey: .isTransient))
                ?? ((try? graph.decode(String.self, forKey: .isTransient)) == "true")
            isFlat = false
        } else {
            guard outer.contains(.errorType) || outer.contains(.errorMessage) else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no error"))
            }
            type = try? outer.decode(String.self, forKey: .errorType)
            // The flat shape's `code` repeats the HTTP status and means nothing more.
            code = nil
            subcode = nil
            isTransient = false
            isFlat = true
        }
    }

    /// An integer, or a text that is one.
    private static func number(_ fields: KeyedDecodingContainer<Key>, _ key: Key) -> Int? {
        (try? fields.decode(Int.self, forKey: key))
            ?? (try? fields.decode(String.self, forKey: key)).flatMap { Int($0) }
    }
}
