// SPDX-License-Identifier: MIT

/// What arrived, so that a test can prove what was called and that no code was sent twice.
struct CallLog: Sendable {
    private var counts: [Endpoint: Int] = [:]
    /// Parameter names of the last calls, oldest first. Values are never kept.
    private var names: [Endpoint: [[String]]] = [:]
    /// How often each code was presented.
    private var codes = BoundedTable<Int>(bound: 20_000)
    private var codesRepeated = 0

    private static let remembered = 100
    /// What of a call's names is kept.
    private static let namesOfCall = 16
    private static let nameLength = 40
    /// Codes that are listed, the newest: an answer has to stay below 196 KB.
    private static let listedCodes = 2_000

    subscript(endpoint: Endpoint) -> Int { counts[endpoint, default: 0] }

    mutating func note(_ call: Call, at endpoint: Endpoint) {
        counts[endpoint, default: 0] += 1
        var last = names[endpoint, default: []]
        if last.count == Self.remembered { last.removeFirst() }
        last.append(call.parameterNames.prefix(Self.namesOfCall).map { String($0.prefix(Self.nameLength)) })
        names[endpoint] = last
        if endpoint == .exchangeCode, let code = call.form?["code"] {
            let times = (codes[code] ?? 0) + 1
            if times > 1 { codesRepeated += 1 }
            codes.set(code, times)
        }
    }

    var json: JSON {
        let counted = Endpoint.allCases.map { ($0.rawValue, JSON.int(self[$0])) }
        let codes = self.codes.newest(Self.listedCodes).map { ($0.key, JSON.int($0.value)) }
        let names = Endpoint.allCases.map { endpoint in
            (endpoint.rawValue, JSON.array(self.names[endpoint, default: []].map { .strings($0) }))
        }
        return .object(
            counted + [
                ("codes", .object(codes)), ("codes_repeated", .int(codesRepeated)), ("parameters", .object(names)),
            ])
    }
}
