// SPDX-License-Identifier: MIT
import Gateway
import Testing

/// One case of FastCGI 1.0 for a responder: what the specification says, what a peer sends, what comes of it.
struct ConformanceCase: CustomTestStringConvertible, Sendable {
    /// Of the specification.
    var section: String
    var name: String
    /// What the specification says about it, in our words.
    var says: String
    /// What is sent on one connection. Between two pieces the gateway looks at what is there.
    var pieces: [[UInt8]]
    var outcome: Outcome
    /// Why we do other than the specification allows or asks for.
    var decision: Decision?
    /// The bytes of the answer's body.
    var answer = 1
    /// What arrives while the handler runs.
    var late: [UInt8]?
    /// Once for each byte at which the stream can be cut in two.
    var cutEverywhere = false

    enum Outcome: Sendable {
        /// The handler got this, and its answer arrived as the specification wants it.
        case answered(Read)
        /// Closed without an answer, as a stream that libfcgi is not shown.
        case refused(Screen.Fault)
        /// Closed without an answer: variables that are no request.
        case unreadable(VariableFault)
        /// The peer ends first: closed without an answer.
        case left
        /// The peer waits: closed without an answer at the deadline.
        case stalled
    }

    /// What a handler is given.
    struct Read: Sendable {
        var method = "GET"
        var fields: [(name: String, value: String)] = []
        var variables: [(name: String, value: String)] = []
        var body: [UInt8] = []
        var bodyExceedsLimit = false
    }

    enum Decision: String {
        case management = "nginx asks nothing, and libfcgi mishandles what it would be asked"
        case oneRequest = "a connection carries one request"
        case noAbort = "who gives a request up closes its connection, as nginx does"
        case role = "who takes us for something else is closed, not answered"
        case keepConnection = "an idle connection would hold a descriptor for nobody"
        case padding = "libfcgi forgets the padding of this record"
        case bound = "nginx refuses longer ones before us"
        case cString = "libfcgi hands out C strings NAME=value"
        case once = "nginx and libfcgi would each believe another one of the two"
        case exactLength = "a body that is not what its sender declared is nobody's"
    }

    var testDescription: String {
        let outcome =
            switch outcome {
            case .answered: "answered"
            case .refused(let fault): "closed, \(fault)"
            case .unreadable(let fault): "closed, \(fault)"
            case .left: "closed with its peer"
            case .stalled: "closed at the deadline"
            }
        return "\(section): \(name): \(outcome)\(decision == nil ? "" : ", stricter by decision")"
    }

    var why: String { "FastCGI 1.0, \(section): \(says)" + (decision.map { "; but \($0.rawValue)" } ?? "") }

    static let all =
        records + identifiers + paddings + beginnings + roles + pairLengths + pairLimits + pairBytes + order
        + unfinished
        + input + declaredLength + management + foreign + abort + interleaving + split + answers
}

extension ConformanceCase {
    static func answered(
        _ section: String, _ name: String, _ says: String, _ pieces: [UInt8]..., as read: Read = Read(),
        decision: Decision? = nil
    ) -> Self {
        Self(
            section: section, name: name, says: says, pieces: pieces, outcome: .answered(read), decision: decision)
    }

    static func refused(
        _ fault: Screen.Fault, _ section: String, _ name: String, _ says: String, _ wire: [UInt8],
        decision: Decision? = nil
    ) -> Self {
        Self(
            section: section, name: name, says: says, pieces: [wire], outcome: .refused(fault), decision: decision)
    }

    static func unreadable(
        _ fault: VariableFault, _ section: String, _ name: String, _ says: String, _ wire: [UInt8],
        decision: Decision? = nil
    ) -> Self {
        Self(
            section: section, name: name, says: says, pieces: [wire], outcome: .unreadable(fault), decision: decision)
    }

    static func left(_ section: String, _ name: String, _ says: String, _ wire: [UInt8]) -> Self {
        Self(section: section, name: name, says: says, pieces: [wire], outcome: .left)
    }

    static func stalled(_ section: String, _ name: String, _ says: String, _ wire: [UInt8]) -> Self {
        Self(section: section, name: name, says: says, pieces: [wire], outcome: .stalled)
    }
}

/// `GET /`, to which the cases add.
let getRoot = pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", "/")

/// A request of these pairs beside `getRoot`.
func asking(_ pairs: [UInt8] = [], _ body: [UInt8] = [], size: Int = 65_528) -> [UInt8] {
    begin() + (getRoot + pairs).chunks(of: size).flatMap { params($0) } + params()
        + body.chunks(of: size).flatMap { stdin($0) } + stdin()
}

func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0) }
}

func letters(_ count: Int, _ letter: Character = "A") -> String {
    String(repeating: letter, count: count)
}
