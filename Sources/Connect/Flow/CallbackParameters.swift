// SPDX-License-Identifier: MIT
import Vault

/// What Instagram's redirect brought (RFC 6749, section 4.1.2), parsed strictly.
struct CallbackParameters {
    /// What the person, or Instagram, decided.
    enum Decision: Sendable {
        case allowed(AuthorizationCode)
        case refused(ErrorCode)

        /// Hashed with the flow: a repeat is a repeat only with the same code.
        func hash(with id: FlowID) -> [UInt8] {
            switch self {
            case .allowed(let code): code.withBytes { Digest.sha256(id.bytes + [1] + $0) }
            case .refused(let error): Digest.sha256(id.bytes + [2] + error.rawValue.utf8)
            }
        }
    }

    let state: String?
    /// nil: neither `code` nor `error`.
    let decision: Decision?

    private static let names: Set<String> = ["code", "state", "error", "error_reason", "error_description"]
    private static let maximumCodeBytes = 2048

    init(_ text: String) throws(ErrorCode) {
        let query = try Query(text, knowing: Self.names)
        if query["code"] != nil, query["error"] != nil { throw .invalidRequest }
        state = query["state"]
        if let state, !state.isEmpty {
            guard state.utf8.count <= 512, state.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw .invalidRequest
            }
        }
        if let error = query["error"] {
            guard error.utf8.count <= 512 else { throw .invalidRequest }
            // The one refusal that is not the person's: no role on an app in development mode.
            let missingRole = query["error_description"]?.lowercased().contains("insufficient developer role") ?? false
            decision = .refused(missingRole ? .accountNotEligible : .accessDenied)
        } else if var code = query["code"], !code.isEmpty {
            // `#_` belongs to no code; clients that escape a fragment put it there.
            if code.hasSuffix("#_") { code.removeLast(2) }
            guard !code.isEmpty, code.utf8.count <= Self.maximumCodeBytes,
                code.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
            else { throw .invalidRequest }
            decision = .allowed(AuthorizationCode(utf8: code))
        } else {
            decision = nil
        }
    }
}
