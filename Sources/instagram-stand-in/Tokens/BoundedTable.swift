// SPDX-License-Identifier: MIT

/// A dictionary that forgets its oldest entry when it is full.
struct BoundedTable<Value: Sendable>: Sendable {
    private let bound: Int
    private var values: [String: Value] = [:]
    /// Keys by age in a ring: the oldest stands where the next one is written, once the ring is full.
    private var ring: [String] = []
    private var next = 0

    init(bound: Int) {
        self.bound = bound
    }

    subscript(key: String) -> Value? { values[key] }

    /// Sets a value. An entry that exists keeps its age.
    mutating func set(_ key: String, _ value: Value) {
        if values.updateValue(value, forKey: key) != nil { return }
        if ring.count < bound {
            ring.append(key)
        } else {
            values[ring[next]] = nil
            ring[next] = key
        }
        next = (next + 1) % bound
    }

    /// The newest entries, oldest of them first, as many as pass.
    func newest(_ count: Int, where passes: (Value) -> Bool = { _ in true }) -> [(key: String, value: Value)] {
        var found: [(key: String, value: Value)] = []
        for back in 1...max(ring.count, 1) where found.count < count && back <= ring.count {
            let key = ring[(next - back + ring.count) % ring.count]
            if let value = values[key], passes(value) { found.append((key, value)) }
        }
        return found.reversed()
    }
}
