// SPDX-License-Identifier: MIT
import FoundationEssentials
import HTTPTypes

/// What an agent sends along: a JSON object, or a form with the same names. Names that nobody knows are ignored.
struct AgentBody {
    private var values: [String: Value] = [:]
    private let isForm: Bool

    /// - Parameter maximumBytes: Of a form.
    init(
        _ request: Request, knowing names: Set<String>, maximumBytes: Int = Query.maximumBytes
    ) throws(ErrorCode) {
        isForm = request.isForm
        guard !request.body.isEmpty else { return }
        if isForm {
            guard let text = String(validating: request.body, as: UTF8.self) else { throw .invalidRequest }
            let form = try Query(text, knowing: names, maximumBytes: maximumBytes)
            for name in names { values[name] = form[name].map(Value.text) }
        } else {
            guard let object = try? JSONDecoder().decode([String: Value].self, from: Data(request.body)) else {
                throw .invalidRequest
            }
            values = object.filter { names.contains($0.key) }
        }
    }

    /// nil where it is absent.
    func text(_ name: String) throws(ErrorCode) -> String? {
        switch values[name] {
        case nil, .nothing: nil
        case .text(let text): text
        case .flag, .other: throw .invalidRequest
        }
    }

    /// false where it is absent.
    func flag(_ name: String) throws(ErrorCode) -> Bool {
        switch values[name] {
        case nil, .nothing: false
        case .flag(let flag): flag
        case .text("0"), .text("false"): if isForm { false } else { throw .invalidRequest }
        case .text("1"), .text("true"): if isForm { true } else { throw .invalidRequest }
        case .text, .other: throw .invalidRequest
        }
    }

    private enum Value: Decodable {
        case text(String)
        case flag(Bool)
        case nothing
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .nothing
            } else if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }
    }
}
