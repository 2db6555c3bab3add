// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Synchronization
import Vault

/// The one double: an Instagram that answers as a script says, and well where the script says nothing.
final class ScriptedInstagram: Sendable {
    struct Recorded: Sendable {
        let name: Call.Name
        let secret: String
    }

    fileprivate struct State {
        var calls: [Recorded] = []
        var answers: [Call.Name: [Result<Reply, TransportFailure>]] = [:]
        var before: [Call.Name: @Sendable () async -> Void] = [:]
        var account = "17841458366137975"
        var refreshes = 0
    }

    private let state = Mutex(State())

    static let shortToken = "IGAA_SHORT_canary"
    static let longToken = "IGAA_LONG_canary"
    static let username = "acme_shop"

    /// The account that signs in next.
    var account: String {
        get { state.withLock { $0.account } }
        set { state.withLock { $0.account = newValue } }
    }

    var calls: [Recorded] { state.withLock { $0.calls } }
    var names: [Call.Name] { calls.map(\.name) }
    func count(_ name: Call.Name) -> Int { names.count { $0 == name } }

    /// The next answers to a call, in turn; after them it succeeds again.
    func answer(_ name: Call.Name, _ answers: Result<Reply, TransportFailure>...) {
        state.withLock { $0.answers[name, default: []] += answers }
    }

    /// What happens between the arrival of a call and its answer.
    func before(_ name: Call.Name, _ action: @escaping @Sendable () async -> Void) {
        state.withLock { $0.before[name] = action }
    }

    /// Holds calls open from now on: `arrived` when the first is there; all go on with `release`.
    func hold(_ name: Call.Name) -> (arrived: Signal, release: Signal) {
        let (arrived, release) = (Signal(), Signal())
        before(name) {
            arrived.fire()
            await release.wait()
        }
        return (arrived, release)
    }

    var transport: Transport {
        Transport { call throws(TransportFailure) in
            let secret =
                switch call.secret {
                case .query(let query): query.exposedText()
                case .form(let form): form.exposedText()
                }
            let before = self.state.withLock { state in
                state.calls.append(Recorded(name: call.name, secret: secret))
                return state.before[call.name]
            }
            await before?()
            let answer: Result<Reply, TransportFailure> = self.state.withLock { state in
                guard let next = state.answers[call.name]?.first else { return .success(state.usual(call.name)) }
                state.answers[call.name]?.removeFirst()
                return next
            }
            return try answer.get()
        }
    }
}

extension ScriptedInstagram.State {
    fileprivate mutating func usual(_ name: Call.Name) -> Reply {
        switch name {
        case .exchangeCode:
            return .ok(
                #"{"access_token":"\#(ScriptedInstagram.shortToken)","user_id":27640875392278831,"permissions":["instagram_business_basic","instagram_business_manage_messages"]}"#
            )
        case .extendToken:
            return .ok(
                #"{"access_token":"\#(ScriptedInstagram.longToken)","token_type":"bearer","expires_in":5183944}"#
            )
        case .readProfile:
            return .ok(
                #"{"id":"9\#(account)","user_id":\#(account),"username":"\#(ScriptedInstagram.username)","name":"Acme","account_type":"BUSINESS"}"#
            )
        case .refreshToken:
            refreshes += 1
            return .ok(
                #"{"access_token":"\#(ScriptedInstagram.longToken)_\#(refreshes)","token_type":"bearer","expires_in":5127758,"permissions":"instagram_business_basic,instagram_business_manage_messages"}"#
            )
        case .readSubscription: return .ok(#"{"data":[]}"#)
        case .subscribe, .unsubscribe: return .ok(#"{"success":true}"#)
        }
    }
}

extension Call.Name {
    /// The calls of a connection, in their order.
    static let ofFlow: [Call.Name] = [.exchangeCode, .extendToken, .readProfile]
}

extension Reply {
    static func ok(_ body: String) -> Reply { Reply(status: 200, headers: [:], body: Array(body.utf8)) }

    /// Graph's error shape.
    static func graph(_ status: Int, code: Int, subcode: Int? = nil, type: String = "OAuthException") -> Reply {
        let more = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return Reply(
            status: status, headers: [:],
            body: Array(#"{"error":{"message":"canary-message","type":"\#(type)","code":\#(code)\#(more)}}"#.utf8))
    }

    /// The flat shape of the code exchange.
    static let flatRefusal = Reply(
        status: 400, headers: [:],
        body: Array(#"{"error_type":"OAuthException","code":400,"error_message":"canary-message"}"#.utf8))
}
