// SPDX-License-Identifier: MIT
import Vault

/// `<name> <sha256> <users>` a line, as `forEachLine` reads them.
struct AgentsParser {
    static let maximumByteCount = 1 << 20
    static let maximumCount = 10_000

    private var entries: [Agents.Entry] = []
    private var faults: [AgentsFaults.Fault] = []
    /// Where each was first, also on a line that is bad otherwise.
    private var firstLines: [String: Int] = [:]
    private var firstLinesOfHashes: [[UInt8]: Int] = [:]

    static func parse(_ text: some Collection<UInt8>) throws(AgentsFaults) -> [Agents.Entry] {
        guard text.count <= maximumByteCount else {
            throw AgentsFaults(faults: [.init(line: 0, kind: .tooLarge)])
        }
        var parser = AgentsParser()
        var seen = 0
        Array(text).forEachLine { number, words in
            seen += 1
            if seen == maximumCount + 1 { parser.faults.append(.init(line: number, kind: .tooManyAgents)) }
            if seen <= maximumCount { parser.read(words.map(Array.init), number: number) }
        }
        guard parser.faults.isEmpty else { throw AgentsFaults(faults: parser.faults) }
        return parser.entries
    }

    /// All faults of one line: its columns are judged apart.
    private mutating func read(_ words: [[UInt8]], number: Int) {
        func fault(_ kind: AgentFault) { faults.append(.init(line: number, kind: kind)) }
        let holdsKey = words.contains(where: Self.isLikeKey)
        if holdsKey { fault(.key) }
        guard words.count == 2 || words.count == 3 else { return fault(.malformedLine) }
        let (name, hash) = (Self.name(words[0]), Self.hash(words[1]))
        if let name {
            if let first = Self.earlier(name, in: &firstLines, now: number) { fault(.duplicateName(firstLine: first)) }
        } else if !Self.isLikeKey(words[0]) {
            fault(.badName)
        }
        if let hash {
            if let first = Self.earlier(hash, in: &firstLinesOfHashes, now: number) {
                fault(.duplicateHash(firstLine: first))
            }
        } else if !Self.isLikeKey(words[1]) {
            fault(.badHash)
        }
        guard words.count == 3 else { return fault(.noUsers) }
        let (users, wrong) = Agent.Users.parse(words[2])
        for kind in wrong { fault(kind) }
        if let name, let hash { entries.append(.init(agent: Agent(name: name, users: users), hash: hash)) }
    }

    /// The line where it was first, unless that is this one.
    private static func earlier<Key: Hashable>(_ key: Key, in lines: inout [Key: Int], now number: Int) -> Int? {
        if let first = lines[key] { return first }
        lines[key] = number
        return nil
    }

    /// Anywhere in the word: a key among users is a key.
    private static func isLikeKey(_ word: [UInt8]) -> Bool {
        word.split(separator: UInt8(ascii: ",")).contains { $0.starts(with: AgentKey.prefix) }
    }

    private static func name(_ word: [UInt8]) -> String? {
        Agent.isName(word) ? String(decoding: word, as: UTF8.self) : nil
    }

    private static func hash(_ word: [UInt8]) -> [UInt8]? {
        guard word.count == 2 * Digest.byteCount else { return nil }
        let digits = word.compactMap { Self.digits.firstIndex(of: $0) }
        guard digits.count == word.count else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
