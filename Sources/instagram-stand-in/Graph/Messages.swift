// SPDX-License-Identifier: MIT
import FoundationEssentials
import Gateway
import HTTPTypes

/// A send, as far as it matters here.
private struct Message: Decodable {
    struct Recipient: Decodable {
        let id: String
    }

    struct Content: Decodable {
        let text: String?
    }

    let recipient: Recipient?
    let message: Content?
}

extension World {
    /// `POST /vNN.N/{me or IG_ID}/messages` (contract 7.6), JSON.
    mutating func sendMessage(_ call: Call) -> GatewayResponse {
        do throws(GraphError) {
            guard call.method == .post else { throw .unsupported(call.method, trace: "A1") }
            _ = try caller(call, needs: Permission.messages)
            let sent = try? JSONDecoder().decode(Message.self, from: Data(call.body))
            guard let recipient = sent?.recipient?.id else { throw .missing("recipient") }
            guard let message = sent?.message else { throw .missing("message") }
            guard message.text?.utf8.count ?? 0 <= 1000 else { throw .textTooLong }
            messagesSent += 1
            let number = messagesSent == 1 ? "" : String(messagesSent)
            return .graph(["recipient_id": .string(recipient), "message_id": .string("aWdfZAG1faXRlbTox\(number)")])
        } catch {
            return reply(error)
        }
    }
}
