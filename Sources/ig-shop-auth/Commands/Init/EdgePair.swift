// SPDX-License-Identifier: MIT
import Connect
import Vault

/// The edge secret in its two places: for the service, and for nginx's master process.
struct EdgePair {
    enum Side {
        case absent
        /// This user may not read it, or it is encrypted.
        case hidden
        case secret(EdgeSecret)
        /// What is wrong with it.
        case faulty(String)

        var secret: EdgeSecret? { if case .secret(let secret) = self { secret } else { nil } }
        var isAbsent: Bool { if case .absent = self { true } else { false } }
        var isHidden: Bool { if case .hidden = self { true } else { false } }
        var fault: String? { if case .faulty(let fault) = self { fault } else { nil } }
    }

    let service: Side
    let nginx: Side

    init(_ layout: Layout) {
        let store = CredentialStore(directory: layout.credentialStore)
        let plain = Self.side(store.path(.edge) ?? "") { $0.trimmed }
        service = plain.isAbsent && store.encrypted(.edge) != nil ? .hidden : plain
        nginx = Self.side(layout.nginxEdge, Self.value)
    }

    var differ: Bool {
        guard let one = service.secret, let other = nginx.secret else { return false }
        return one != other
    }

    static func line(_ secret: EdgeSecret) -> String { "fastcgi_param IG_EDGE \"\(secret.exposedText())\";\n" }

    static func generate() -> EdgeSecret { EdgeSecret(utf8: Base64URL.encode(Randomness.system.bytes(32))) }

    private static func side(_ path: String, _ value: (String) -> String?) -> Side {
        do throws(SmallFile.Failure) {
            let text = String(decoding: try SmallFile.read(path, limit: 4_096), as: UTF8.self)
            guard let value = value(text), Base64URL.decode(value.utf8)?.count == 32 else {
                return .faulty("\(path) has no secret of 32 bytes as base64url; remove it, then ig-shop-auth init")
            }
            return .secret(EdgeSecret(utf8: value))
        } catch {
            if error.isRefusal { return .hidden }
            return error.isAbsence ? .absent : .faulty("\(path) cannot be read: \(error.text)")
        }
    }

    /// As nginx reads it.
    private static func value(_ text: String) -> String? {
        guard let dump = try? NginxDump("# configuration file /edge.conf:\n" + text) else { return nil }
        let lines = dump.directives.filter {
            $0.words.count > 2 && $0.name == "fastcgi_param" && $0.words[1] == "IG_EDGE"
        }
        return lines.count == 1 ? lines[0].words[2] : nil
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
