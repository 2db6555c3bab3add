// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

extension Property {
    /// A query is read as a second reading of the rules has it, or refused where that refuses it; and what a callback takes
    /// out of it fits where it goes.
    static let query = Property(name: "query") { bytes throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        let query = try? Query(text, knowing: known)
        let expected = secondReading(text)
        try promise((query == nil) == (expected == nil), query == nil ? "refused without a reason" : "taken")
        for name in known { try promise(query?[name] == expected?[name], "\(name) is read otherwise") }

        guard let callback = try? CallbackParameters(text) else { return false }
        try promise(query != nil, "a callback has a query")
        try promise(callback.state == query?["state"], "the state is another one")
        try promise(isVisible(callback.state ?? "", atMost: 512), "no state")
        switch callback.decision {
        case .allowed(let code):
            try promise(!code.isEmpty && isVisible(code.exposedText(), atMost: 2_048), "no code")
            try promise(query?["error"] == nil, "both code and error")
        case .refused(let error):
            try promise(query?["code"] == nil, "both code and error")
            try promise(error == .accessDenied || error == .accountNotEligible, "\(error) is not the person's")
        case nil:
            try promise((query?["code"] ?? "").isEmpty && query?["error"] == nil, "a decision is overlooked")
        }
        if let decision = callback.decision, let state = callback.state {
            try promise(decision.hash(with: FlowID(state: state)).count == 32, "no hash")
        }
        return true
    }

    private static let known: Set<String> = ["code", "state", "error", "error_reason", "error_description"]

    /// nil: to be refused.
    private static func secondReading(_ text: String) -> [String: String]? {
        guard isVisible(text, atMost: 4_096) else { return nil }
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            var sides: [String] = []
            for side in pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) {
                guard let decoded = decoded(side),
                    !decoded.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f })
                else { return nil }
                sides.append(decoded)
            }
            guard let name = known.first(where: { $0.utf8.elementsEqual(sides[0].utf8) }) else { continue }
            if values[name] != nil { return nil }
            values[name] = sides.count > 1 ? sides[1] : ""
        }
        return values
    }

    private static func decoded(_ side: Substring) -> String? {
        let pieces = side.replacing("+", with: " ").split(separator: "%", omittingEmptySubsequences: false)
        var bytes = Array(pieces[0].utf8)
        for piece in pieces.dropFirst() {
            guard piece.utf8.count >= 2, piece.prefix(2).allSatisfy(\.isHexDigit),
                let byte = UInt8(piece.prefix(2), radix: 16)
            else { return nil }
            bytes.append(byte)
            bytes += piece.dropFirst(2).utf8
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isVisible(_ text: String, atMost limit: Int) -> Bool {
        text.utf8.count <= limit && text.unicodeScalars.allSatisfy { (0x21...0x7e).contains($0.value) }
    }
}
