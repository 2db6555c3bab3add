// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `/vNN.N/{me or IG_ID}/subscribed_apps` (contract 7.6).
    mutating func subscribedApps(_ call: Call) -> GatewayResponse {
        do throws(GraphError) {
            let account = try caller(call, needs: Permission.messages).account
            switch call.method {
            case .get:
                let fields = subscriptions[account.igID].map { JSON.strings($0) }
                return .graph([
                    "data": .array(fields.map { [["id": .string(app.id), "subscribed_fields": $0]] } ?? [])
                ])
            case .post:
                guard let text = call.query["subscribed_fields"] ?? call.form?["subscribed_fields"] else {
                    throw .missing("subscribed_fields")
                }
                subscriptions[account.igID] = Permission.list(text)
                return .graph(["success": true])
            case .delete:
                // The same whether there was one or not.
                subscriptions[account.igID] = nil
                return .graph(["success": true])
            default:
                throw .unsupported(call.method, trace: "A1")
            }
        } catch {
            return reply(error)
        }
    }
}
