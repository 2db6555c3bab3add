// SPDX-License-Identifier: MIT
import Foundation
import Yams

/// An OpenAPI 3.1 document, as far as answers are held against it: JSON Schema's words that ours uses, and no others.
struct OpenAPI {
    private let document: [String: Any]
    private let paths: [String: [String: Any]]

    init(_ text: String) throws {
        guard let document = try Yams.load(yaml: text) as? [String: Any],
            let paths = document["paths"] as? [String: [String: Any]]
        else { throw Missing("paths in the OpenAPI document") }
        self.document = document
        self.paths = paths
    }

    /// `GET /path` and so on.
    var operations: [String] {
        paths.flatMap { path, item in
            item.keys.filter { !Self.shared.contains($0) }.map { "\($0.uppercased()) \(path)" }
        }
    }

    /// What a path says once for all of its methods.
    private static let shared: Set = ["servers", "parameters"]

    /// The members of a path or of one of its operations, such as `security`.
    func says(_ name: String, of path: String, _ method: String? = nil) -> Bool {
        let item = method.map { paths[path]?[$0] as? [String: Any] } ?? paths[path]
        return item?[name] != nil
    }

    func isPrivate(_ path: String) -> Bool {
        let operations = paths[path]?.values.compactMap { ($0 as? [String: Any])?["tags"] as? [String] } ?? []
        return operations.contains { $0.contains("private") }
    }

    /// What the document does not say of an answer, one line each.
    func faults(in answer: Response, to method: String, _ path: String) throws -> [String] {
        guard let operation = paths[path]?[method] as? [String: Any],
            let responses = operation["responses"] as? [String: Any]
        else { return ["\(method) \(path) is not described"] }
        guard let response = responses["\(answer.status)"].flatMap(resolved) else {
            return ["\(answer.status) is not described"]
        }
        var faults: [String] = []
        for (name, header) in response["headers"] as? [String: Any] ?? [:] {
            let isRequired = resolved(header)?["required"] as? Bool ?? false
            if isRequired, answer.header(name.lowercased()) == nil { faults.append("the header \(name) is missing") }
        }
        guard let content = response["content"] as? [String: Any] else {
            return faults + (answer.body.isEmpty ? [] : ["there is a body"])
        }
        let type = answer.header("content-type")?.split(separator: ";").first.map(String.init) ?? "nothing"
        guard let described = content[type] as? [String: Any] else { return faults + ["\(type) is not described"] }
        if type == "application/json", let schema = described["schema"] {
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(answer.body)).value
            faults += self.faults(value, schema, at: "$")
        }
        return faults
    }

    private func faults(_ value: Any, _ schema: Any, at place: String) -> [String] {
        guard let schema = resolved(schema) else { return ["\(place): no schema"] }
        if let choices = schema["oneOf"] as? [Any] {
            let each = choices.map { self.faults(value, $0, at: place) }
            let fitting = each.count { $0.isEmpty }
            return fitting == 1 ? [] : ["\(place) is \(fitting) of its kinds: \(each)"]
        }
        var faults: [String] = []
        let known: Set = [
            "type", "required", "properties", "additionalProperties", "const", "enum", "pattern", "items", "format",
        ]
        faults += schema.keys.filter { !known.contains($0) }.map { "\(place): this test does not know \($0)" }
        if let types = schema["type"] as? [Any] ?? schema["type"].map({ [$0] }) {
            let names = types.compactMap { $0 as? String }
            if !names.contains(Self.type(value)) { faults.append("\(place) is \(Self.type(value)), not \(names)") }
        }
        if let constant = schema["const"], "\(constant)" != "\(value)" { faults.append("\(place) is not \(constant)") }
        if let allowed = schema["enum"] as? [Any], !allowed.contains(where: { Self.equal($0, value) }) {
            faults.append("\(place) is none of \(allowed)")
        }
        if let pattern = schema["pattern"] as? String, let text = value as? String,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            faults.append("\(place) does not match \(pattern)")
        }
        if schema["format"] as? String == "date-time", let text = value as? String,
            (try? Date(text, strategy: .iso8601)) == nil
        {
            faults.append("\(place) is no time of RFC 3339")
        }
        if let list = value as? [Any], let items = schema["items"] {
            for (index, item) in list.enumerated() { faults += self.faults(item, items, at: "\(place)[\(index)]") }
        }
        if let object = value as? [String: Any] {
            let properties = schema["properties"] as? [String: Any] ?? [:]
            for name in schema["required"] as? [String] ?? [] where object[name] == nil {
                faults.append("\(place).\(name) is missing")
            }
            for (name, member) in object {
                if let property = properties[name] {
                    faults += self.faults(member, property, at: "\(place).\(name)")
                } else if schema["additionalProperties"] as? Bool == false {
                    faults.append("\(place).\(name) is not described")
                }
            }
        }
        return faults
    }

    /// Follows `$ref` inside this document.
    private func resolved(_ value: Any) -> [String: Any]? {
        guard let object = value as? [String: Any] else { return nil }
        guard let reference = object["$ref"] as? String else { return object }
        let target = reference.dropFirst(2).split(separator: "/").reduce(document as Any?) { node, name in
            (node as? [String: Any])?[String(name)]
        }
        return target.flatMap(resolved)
    }

    private static func type(_ value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case is String: "string"
        case is Bool: "boolean"
        case is Int: "integer"
        case is [Any]: "array"
        default: "object"
        }
    }

    private static func equal(_ one: Any, _ other: Any) -> Bool {
        one is NSNull && other is NSNull || (one as? String).map { $0 == other as? String } ?? false
    }
}

/// JSON as Swift's own types: Foundation's numbers do not tell a boolean from 1.
private struct JSONValue: Decodable {
    let value: Any

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = NSNull()
        } else if let object = try? container.decode([String: JSONValue].self) {
            value = object.mapValues(\.value)
        } else if let list = try? container.decode([JSONValue].self) {
            value = list.map(\.value)
        } else if let text = try? container.decode(String.self) {
            value = text
        } else if let number = try? container.decode(Int.self) {
            value = number
        } else {
            value = try container.decode(Bool.self)
        }
    }
}
