// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

/// Bits, ends and parts of genuine cookies.
extension Forger {
    static let altered: [(name: String, trick: Trick)] = [
        (
            "a flipped bit of the text",
            { forger in
                let sample = forger.sample()
                var value = sample.value
                value[forger.number(0..<value.count)] ^= 1 << UInt8(forger.number(0..<8))
                return sample.carrying(value)
            }
        ),
        (
            "a flipped bit of what it stands for",
            { forger in
                let sample = forger.sample()
                var bytes = sample.payload + sample.mac
                bytes[forger.number(0..<bytes.count)] ^= 1 << UInt8(forger.number(0..<8))
                return sample.carrying(payload: bytes, mac: [])
            }
        ),
        (
            "several letters changed",
            { forger in
                let sample = forger.sample()
                var value = sample.value
                let place = forger.number(0..<value.count)
                value[place] = value[place] == 65 ? 66 : 65
                for _ in 0..<forger.number(0..<20) {
                    let other = forger.number(0..<value.count)
                    if other != place { value[other] = forger.letters(1)[0] }
                }
                return sample.carrying(value)
            }
        ),
        (
            "cut at its end",
            { forger in
                let sample = forger.sample()
                return sample.carrying(Array(sample.value.prefix(forger.number(0..<sample.value.count))))
            }
        ),
        (
            "cut at its beginning",
            { forger in
                let sample = forger.sample()
                return sample.carrying(Array(sample.value.dropFirst(forger.number(1..<sample.value.count))))
            }
        ),
        (
            "letters added",
            { forger in
                let sample = forger.sample()
                let more = forger.letters(forger.number(1..<40))
                return sample.carrying(forger.number(0..<2) == 0 ? sample.value + more : more + sample.value)
            }
        ),
        (
            "letters inserted, or taken out",
            { forger in
                let sample = forger.sample()
                var value = sample.value
                let place = forger.number(1..<value.count - 1)
                if forger.number(0..<2) == 0 {
                    value.insert(contentsOf: forger.letters(forger.number(1..<9)), at: place)
                } else {
                    value.removeSubrange(place..<min(value.count, place + forger.number(1..<9)))
                }
                return sample.carrying(value)
            }
        ),
        (
            "the MAC of another cookie of its kind",
            { forger in
                let sample = forger.sample()
                return sample.carrying(payload: sample.payload, mac: forger.other(than: sample).mac)
            }
        ),
        (
            "the MAC of a cookie of the other kind",
            { forger in
                let sample = forger.sample()
                let other = forger.sample(sample.purpose == .flow ? .session : .flow)
                return sample.carrying(payload: sample.payload, mac: other.mac)
            }
        ),
        (
            "another payload under the MAC: time, generation, state, user, path",
            { forger in
                let sample = forger.sample()
                var payload = sample.payload
                let place = forger.number(0..<payload.count - 7)
                let piece = forger.bytes(8)
                payload.replaceSubrange(place..<place + 8, with: piece)
                if payload == sample.payload { payload[place] ^= 1 }
                let state = sample.purpose == .flow ? Base64URL.encode(payload[18..<50]) : sample.state
                let name = sample.purpose == .flow ? FlowCookies.name(FlowID(state: state)) : sample.name
                let value = Array(Base64URL.encode(payload + sample.mac).utf8)
                return Forgery(field: "\(name)=\(String(decoding: value, as: UTF8.self))", state: state, value: value)
            }
        ),
        (
            "a longer or a shorter payload under the MAC",
            { forger in
                let sample = forger.sample()
                let more = forger.number(0..<2) == 0
                let payload =
                    more
                    ? sample.payload + forger.bytes(forger.number(1..<64))
                    : Array(sample.payload.dropLast(forger.number(1..<sample.payload.count)))
                return sample.carrying(payload: payload, mac: sample.mac)
            }
        ),
        (
            "a part of the MAC, none, zeros, or one that was turned over",
            { forger in
                let sample = forger.sample()
                let mac: [UInt8] =
                    switch forger.number(0..<5) {
                    case 0: []
                    case 1: Array(sample.mac.prefix(forger.number(1..<32)))
                    case 2: Array(repeating: forger.number(0..<2) == 0 ? 0 : 255, count: 32)
                    case 3: sample.mac.reversed()
                    default: sample.mac.map { ~$0 }
                    }
                return sample.carrying(payload: sample.payload, mac: mac)
            }
        ),
        (
            "two cookies in one value",
            { forger in
                let sample = forger.sample()
                let other = forger.sample()
                let glue = ["", ".", ",", "-", "=", "%3B", " ", "\t"].randomElement(using: &forger.numbers)!
                return sample.carrying(sample.value + Array(glue.utf8) + other.value)
            }
        ),
        (
            "the bytes of two cookies in one value",
            { forger in
                let (sample, other) = (forger.sample(), forger.sample())
                return forger.number(0..<2) == 0
                    ? sample.carrying(payload: sample.payload + other.payload, mac: other.mac)
                    : sample.carrying(payload: sample.payload + sample.mac + other.payload, mac: sample.mac)
            }
        ),
    ]
}
