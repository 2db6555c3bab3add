// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

/// Values with a good MAC of a key that does not count.
extension Forger {
    static let resigned: [(name: String, trick: Trick)] = [
        (
            "signed with a key in third place, a removed one, or another installation's",
            { forger in
                let sample = forger.sample()
                let keyring = forger.foreign.randomElement(using: &forger.numbers)!
                return sample.carrying(Array(keyring.sign(sample.payload, for: sample.purpose).utf8))
            }
        ),
        (
            "a session or a flow of the forger's own, signed with a foreign key",
            { forger in
                let keyring = forger.foreign.randomElement(using: &forger.numbers)!
                let sample = forger.sample()
                guard sample.purpose == .flow else {
                    var payload = sample.payload
                    payload.replaceSubrange(1..<17, with: forger.bytes(16))
                    return sample.carrying(Array(keyring.sign(payload, for: .session).utf8))
                }
                let random = Randomness { [bytes = forger.bytes(32)] in Array(bytes.prefix($0)) }
                let ticket = FlowTicket.begin(
                    at: TestClock(Shop.begin).now, generation: 1, returnTo: nil, random: random)
                let value = keyring.sign(ticket.payload, for: .flow)
                return Forgery(
                    field: FlowCookies.name(ticket.id) + "=" + value, state: ticket.state, value: Array(value.utf8))
            }
        ),
        (
            "a hash without a key, or under a key that can be guessed",
            { forger in
                let sample = forger.sample()
                let mac: [UInt8] =
                    switch forger.number(0..<3) {
                    case 0: Digest.sha256(sample.payload)
                    case 1: HMACSHA256(key: Key(copying: [UInt8](repeating: 0, count: 32))).authenticate(sample.payload)
                    default:
                        HMACSHA256(
                            key: Key(
                                utf8: ["a", "secret", "ig-shop-auth", "ig-shop-auth/1/cookie/flow"].randomElement(
                                    using: &forger.numbers)!)
                        ).authenticate(sample.payload)
                    }
                return sample.carrying(payload: sample.payload, mac: mac)
            }
        ),
        (
            "signed by us for the other purpose: a flow's payload as a session's cookie and the reverse",
            { forger in
                let sample = forger.sample()
                let wrong = forger.sample(sample.purpose == .flow ? .session : .flow)
                return Forgery(
                    field: sample.name + "=" + String(decoding: wrong.value, as: UTF8.self), state: sample.state,
                    value: wrong.value, purposes: [sample.purpose])
            }
        ),
    ]
}
