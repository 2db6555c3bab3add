// SPDX-License-Identifier: MIT
import Instagram
import Vault

/// Users as the agents file writes them: `*`, or ids separated by commas, in which what would be taken for something
/// else is percent-encoded.
extension Agent.Users {
    /// The users and all kinds of faults, each at the first place where it is.
    static func parse(_ word: some Collection<UInt8>) -> (users: Self, faults: [AgentFault]) {
        if word.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) { return (.all, []) }
        var names: [String] = []
        var faults: [AgentFault] = []
        var told: [AgentFault.UserFault] = []
        for (index, item) in word.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).enumerated() {
            switch name(item) {
            case .success(let name): names.append(name)
            case .failure(let fault):
                guard !told.contains(fault) else { continue }
                told.append(fault)
                faults.append(.user(index + 1, fault))
            }
        }
        return (Self(names), faults)
    }

    private static func name(_ item: some Collection<UInt8>) -> Result<String, AgentFault.UserFault> {
        guard !item.isEmpty else { return .failure(.empty) }
        guard item.allSatisfy({ $0 == UInt8(ascii: "%") || isPlain($0) }) else { return .failure(.unescaped) }
        guard let bytes = PercentEncoding.decode(item) else { return .failure(.badEscape) }
        let name = String(decoding: bytes, as: UTF8.self)
        return RemoteUser.isName(name) ? .success(name) : .failure(.noName)
    }

    /// One id as the list takes it.
    package static func written(_ user: String) -> String {
        user.utf8.map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain(byte) ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + digits
        }.joined()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !Array(",%*#".utf8).contains(byte)
    }
}

extension AgentFault.UserFault: Error {}
