// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@Suite struct GarbageTests {
    @Test("garbage of every kind is a failure at each call, crashes nothing and is not repeated (checklist 47, 49)")
    func garbage() async {
        let count = Soak.times(1_000)
        for number in 0..<count {
            let garbage = GarbageReply(number)
            // Most failures of a server are told as a success.
            let status = [200, 200, 200, 201, 302, 400, 403, 429, 500, 503][number / 7 % 10]
            let instagram = Answering(Reply(status: status, headers: [:], body: garbage.body))
            for call in Call.Name.allCases {
                let failure = await instagram.failure(of: call)
                if let failure {
                    #expect(!"\(failure)".contains("canary"), "\(garbage)")
                    #expect(Self.isPossible(failure, call, status), "\(garbage) \(status): \(failure)")
                } else {
                    let isGood =
                        garbage.spoiled == .nothing
                        || garbage.spoiled == .token && !Call.Name.givingTokens.contains(call)
                    #expect(isGood && (200...299).contains(status), "\(garbage) \(status) \(call)")
                }
            }
        }
        Soak.record("answers of garbage, at each of the seven calls", count, "a failure each, nothing of it told")
    }

    /// What such an answer may be taken for: nothing in it says that a token is dead or a permission missing.
    private static func isPossible(_ failure: InstagramFailure, _ call: Call.Name, _ status: Int) -> Bool {
        guard case .answer(call, status, nil, nil, let verdict) = failure else { return false }
        switch verdict {
        case .unintelligible, .incomplete: return (200...299).contains(status)
        case .unavailable: return !(200...299).contains(status) && status != 429
        case .unknown: return (300...499).contains(status) && status != 429
        case .limited(.app, seconds: nil): return status == 429
        case .refused: return call == .exchangeCode && (400...499).contains(status)
        default: return false
        }
    }

    @Test("the good answer, from which garbage is made, is good")
    func good() async {
        let instagram = Answering(GarbageReply.good)
        for call in Call.Name.allCases { #expect(await instagram.failure(of: call) == nil) }
    }
}

extension Answering {
    /// Also looks at what a success gave: a token or an id in the form of one.
    fileprivate func failure(of call: Call.Name) async -> InstagramFailure? {
        do throws(InstagramFailure) {
            switch call {
            case .exchangeCode: #expect(try await Self.isToken(exchange().token))
            case .extendToken: #expect(try await Self.isToken(extend().token))
            case .readProfile: _ = try await profile()
            case .refreshToken: #expect(try await Self.isToken(refresh().token))
            case .readSubscription: #expect(try await subscribedFields().allSatisfy(Self.isField))
            case .subscribe: try await subscribe()
            case .unsubscribe: try await unsubscribe()
            }
            return nil
        } catch {
            return error
        }
    }

    private static func isField(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: ",") }
    }

    private static func isToken<Kind>(_ token: Secret<Kind>) -> Bool {
        token.withBytes { !$0.isEmpty && $0.allSatisfy { (0x21...0x7e).contains($0) } }
    }
}
