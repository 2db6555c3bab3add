// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

/// Genuine values in a place that is not theirs (checklist 26).
extension Forger {
    static let misplaced: [(name: String, trick: Trick)] = [
        (
            "the value of another flow under the name of this one",
            { forger in
                let sample = forger.sample(.flow)
                return sample.placed(sample.name + "=" + forger.other(than: sample).text)
            }
        ),
        (
            "a flow's cookie with the state of another",
            { forger in
                let sample = forger.sample(.flow)
                return Forgery(field: sample.pair, state: forger.other(than: sample).state)
            }
        ),
        (
            "two of one name, alike or not, beside others",
            { forger in
                let sample = forger.sample()
                let second = [
                    sample.pair, sample.name + "=planted", sample.name + "=",
                    sample.name + "=" + forger.other(than: sample).text,
                ].randomElement(using: &forger.numbers)!
                let pairs = ["a=b", sample.pair, second, "c=d"].shuffled(using: &forger.numbers)
                return sample.placed(pairs.joined(separator: ["; ", ";"].randomElement(using: &forger.numbers)!))
            }
        ),
        (
            "a name of another case",
            { forger in
                let sample = forger.sample()
                var name = Array(sample.name.utf8)
                let places = name.indices.filter { (name[$0] | 0x20) >= 0x61 && (name[$0] | 0x20) <= 0x7a }
                name[places.randomElement(using: &forger.numbers)!] ^= 0x20
                let whole = [sample.name.lowercased(), sample.name.uppercased(), String(decoding: name, as: UTF8.self)]
                return sample.placed(whole.randomElement(using: &forger.numbers)! + "=" + sample.text)
            }
        ),
        (
            "blanks, Unicode blanks and invisible letters in or around the name",
            { forger in
                let sample = forger.sample()
                let blank = [
                    "  ", "\t", "\u{a0}", "\u{1680}", "\u{2000}", "\u{2003}", "\u{2028}", "\u{202f}", "\u{3000}",
                    "\u{85}", "\u{200b}", "\u{feff}", "\u{ad}", "\u{301}", "\0", "\u{b}", "\u{c}", "\u{1f}", "\n",
                ].randomElement(using: &forger.numbers)!
                var name = sample.name
                let place =
                    switch forger.number(0..<3) {
                    case 0: name.startIndex
                    case 1: name.endIndex
                    default: name.index(name.startIndex, offsetBy: forger.number(1..<name.count))
                    }
                name.insert(contentsOf: blank, at: place)
                return sample.placed("a=b;" + name + "=" + sample.text)
            }
        ),
        (
            "a name that begins or ends like ours, or lacks a part",
            { forger in
                let sample = forger.sample()
                let name = sample.name
                let names = [
                    "x" + name, name + "x", "_" + name, String(name.dropFirst()), String(name.dropLast()),
                    String(name.dropFirst("__Host-".count)), "__Secure-" + name.dropFirst("__Host-".count),
                    "__Host-" + name, name + "[]", name + "[0]", name + ".0", "\u{ff3f}" + name.dropFirst(),
                    name.replacing("_", with: "%5F"), name.replacing("H", with: "\u{ff28}"),
                    name.replacing("i", with: "\u{131}"), name.replacing("s", with: "\u{17f}"), "",
                ].filter { $0 != name }
                return sample.placed(names.randomElement(using: &forger.numbers)! + "=" + sample.text)
            }
        ),
        (
            "quoted, with `$Version`, or separated by what separates nothing",
            { forger in
                let sample = forger.sample()
                let (name, value) = (sample.name, sample.text)
                let fields = [
                    "\(name)=\"\(value)\"", "\"\(name)\"=\(value)", "\"\(name)=\(value)\"", "'\(name)=\(value)'",
                    "$Version=1, \(name)=\(value)", "$Version=\"1\", \(name)=\"\(value)\"; $Path=\"/\"",
                    "$Version=1 \(name)=\(value)", "$\(name)=\(value)", "a=b, \(name)=\(value)", "a=b&\(name)=\(value)",
                    "a=b\n\(name)=\(value)", "a=b%3B%20\(name)=\(value)", "a=b\u{ff1b} \(name)=\(value)",
                    "\(name)=\(value), a=b", "\(name)=\(value)&a=b", "\(name)==\(value)", "\(name)= \(value)",
                    "\(name) = \(value)", "\(name):\(value)", "\(name)\(value)", "\(value)=\(name)", "=\(value)",
                    "=\(name)=\(value)", "\(name)%3D\(value)", "\(name)\u{ff1d}\(value)", value, name, "",
                ]
                return sample.placed(fields.randomElement(using: &forger.numbers)!)
            }
        ),
    ]
}

extension Sample {
    fileprivate var text: String { String(decoding: value, as: UTF8.self) }
    fileprivate var pair: String { name + "=" + text }
    fileprivate func placed(_ field: String) -> Forgery { Forgery(field: field, state: state) }
}
