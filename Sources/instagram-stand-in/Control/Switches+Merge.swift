// SPDX-License-Identifier: MIT
import FoundationEssentials

extension Switches: Decodable {
    private static let current = CodingUserInfoKey(rawValue: "current")!

    /// These, with what a JSON object says put over them. Throws a text for the person who wrote it.
    func merged(with body: [UInt8]) throws(ControlFault) -> Switches {
        let decoder = JSONDecoder()
        decoder.userInfo[Self.current] = self
        do {
            return try decoder.decode(Switches.self, from: Data(body))
        } catch {
            throw ControlFault(error)
        }
    }

    init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(in: decoder, known: CodingKeys.allCases)
        self = decoder.userInfo[Self.current] as? Switches ?? Switches()
        let object = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, into value: inout Value) throws {
            if object.contains(key) { value = try object.decode(Value.self, forKey: key) }
        }
        try read(.product, into: &product)
        try read(.tokenShape, into: &tokenShape)
        try read(.userID, into: &userID)
        try read(.permissions, into: &permissions)
        try read(.meShape, into: &meShape)
        try read(.accountTypeCase, into: &accountTypeCase)
        try read(.meOmits, into: &meOmits)
        try read(.clockOffset, into: &clockOffset)
        try read(.denialState, into: &denialState)
        try read(.noRole, into: &noRole)
        try read(.refreshSameToken, into: &refreshSameToken)
        try read(.refreshPermissions, into: &refreshPermissions)
        try read(.subcodes, into: &subcodes)
        try read(.deadStatus, into: &deadStatus)
        try read(.account, into: &account)
        try read(.faults, into: &faults)
        try check(clockOffset.magnitude <= 1_000_000_000, "clock_offset is more than 30 years", decoder)
        try check(faults.count <= 100, "more than 100 faults", decoder)
        try check(
            account == Self.chosen || Account.named(account) != nil,
            "account is neither \"chosen\" nor one of \(Account.all.map(\.username))", decoder)
    }
}

/// Why a control request is refused.
struct ControlFault: Error {
    let text: String

    init(_ error: any Error) {
        text =
            switch error {
            case DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context),
                DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
                ([
                    context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."),
                    context.debugDescription,
                ]
                .filter { !$0.isEmpty }).joined(separator: ": ")
            default: "\(error)"
            }
    }
}

func check(_ holds: Bool, _ text: String, _ decoder: any Decoder) throws {
    guard !holds else { return }
    throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
}

/// A misspelt switch would silently test nothing.
func refuseUnknownKeys(in decoder: any Decoder, known: [some CodingKey]) throws {
    let names = known.map(\.stringValue)
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !names.contains(key.stringValue) {
        try check(false, "unknown key \"\(key.stringValue)\"; known are \(names.joined(separator: ", "))", decoder)
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
