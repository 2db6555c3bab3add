// SPDX-License-Identifier: MIT

/// What is to go wrong at an endpoint, such as `{"endpoint": "refresh-token", "kind": "expired", "count": 1}`: a failure
/// by name, or any error of Graph's by its numbers. The first fault of an endpoint in the list takes the call.
struct Fault: Encodable, Sendable {
    let endpoint: Endpoint
    /// nil, and no `error`: the normal answer, late.
    let kind: FaultKind?
    let error: NumberedError?
    /// Calls that are left; nil for all.
    var count: Int?
    /// Waited before anything else happens.
    let latencyMilliseconds: Int

    enum CodingKeys: String, CodingKey, CaseIterable {
        case endpoint, kind, error, count
        case latencyMilliseconds = "latency_ms"
    }
}

extension Fault: Decodable {
    init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(in: decoder, known: CodingKeys.allCases)
        let object = try decoder.container(keyedBy: CodingKeys.self)
        endpoint = try object.decode(Endpoint.self, forKey: .endpoint)
        kind = try object.decodeIfPresent(FaultKind.self, forKey: .kind)
        error = try object.decodeIfPresent(NumberedError.self, forKey: .error)
        count = try object.decodeIfPresent(Int.self, forKey: .count)
        latencyMilliseconds = try object.decodeIfPresent(Int.self, forKey: .latencyMilliseconds) ?? 0
        try check(count ?? 1 > 0, "count is not positive", decoder)
        try check(0...600_000 ~= latencyMilliseconds, "latency_ms is not within 0 and 600000", decoder)
        try check(kind?.occurs(at: endpoint) ?? true, "this kind does not occur at \(endpoint.rawValue)", decoder)
        try check(kind == nil || error == nil, "kind and error", decoder)
        try check(error == nil || endpoint != .authorize, "an error does not occur at authorize", decoder)
        try check(
            kind != nil || error != nil || latencyMilliseconds > 0, "neither kind nor error nor latency_ms", decoder)
    }
}

extension Switches {
    /// The fault that this call meets. One with a count is used up by it.
    mutating func takeFault(at endpoint: Endpoint) -> Fault? {
        guard let index = faults.firstIndex(where: { $0.endpoint == endpoint }) else { return nil }
        let fault = faults[index]
        switch fault.count {
        case nil: break
        case 1: faults.remove(at: index)
        case let left?: faults[index].count = left - 1
        }
        return fault
    }
}
