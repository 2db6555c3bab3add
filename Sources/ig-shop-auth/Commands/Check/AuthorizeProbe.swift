// SPDX-License-Identifier: MIT
import Connect
import Instagram
import Transfer
import Vault

/// Follows the authorize URL one step, as a visitor's browser would, with a state that belongs to no flow. There is no
/// secret in that URL.
enum AuthorizeProbe {
    enum Outcome {
        /// The answer, and the time here before and after.
        case reply(OutboundReply, ClosedRange<UnixTime>)
        /// There is none, and why.
        case silence(String)
    }

    static func ask(_ settings: Settings) async -> Outcome {
        let url = AuthorizeURL(settings.app)
            .url(state: Base64URL.encode(Randomness.system.bytes(32)), switchingAccount: false)
        let parts = url.split(separator: "?", maxSplits: 1)
        let request = OutboundRequest(
            name: "authorize", method: .get, url: String(parts[0]), query: QueryString(utf8: String(parts[1])),
            headers: [(name: "Accept", value: "text/html")], replay: .safe)
        let transfer = Transfer(
            limits: TransferLimits(
                connectDeadline: .seconds(5), totalDeadline: .seconds(10), replyBytes: 8 << 20, inFlight: 1,
                allowsPlainHTTP: settings.allowsPlainHTTP))
        let running = Task { try await transfer.run() }
        let clock = MachineClock()
        let before = clock.now().time
        let outcome: Outcome
        do throws(TransferFailure) {
            let reply = try await transfer.send(request)
            outcome = .reply(reply, before...max(before, clock.now().time))
        } catch {
            outcome = .silence(explanation(of: error, settings.app.authorizeOrigin))
        }
        transfer.stop()
        _ = try? await running.value
        return outcome
    }

    private static func explanation(of failure: TransferFailure, _ origin: String) -> String {
        switch failure {
        case .untrusted: "\(origin) is \(failure); see whether this machine's clock is right and something is between"
        default: "\(origin): \(failure)"
        }
    }
}
