// SPDX-License-Identifier: MIT
import FoundationEssentials
import Gateway
import HTTPTypes
import Synchronization

/// The routes by which a test tells this server how to behave, and asks what it saw.
extension Server {
    func control(_ call: Call, _ route: Route) async -> GatewayResponse {
        switch (route, call.method) {
        case (.control, .get): return world.withLock { .switches($0.switches) }
        case (.control, .post): return merge(call.body)
        case (.controlReset, .post):
            return world.withLock { world in
                world.switches = Switches()
                return .switches(world.switches)
            }
        case (.calls, .get): return world.withLock { .json($0.calls.json) }
        case (.callsReset, .post):
            return world.withLock { world in
                world.calls = CallLog()
                return .json(world.calls.json)
            }
        case (.wait, .get): return await wait(call)
        case (.tokens, .get): return world.withLock { .json($0.longTokensJSON) }
        case (.tokens, .post): return issue(call.body)
        default: return .text("This route has another method.", status: .methodNotAllowed)
        }
    }

    private func merge(_ body: [UInt8]) -> GatewayResponse {
        world.withLock { world in
            do throws(ControlFault) {
                world.switches = try world.switches.merged(with: body)
                return .switches(world.switches)
            } catch {
                return .text(error.text, status: .badRequest)
            }
        }
    }

    private func issue(_ body: [UInt8]) -> GatewayResponse {
        do throws(ControlFault) {
            let order = try TokenOrder(body)
            return world.withLock { .json(["access_token": .string($0.issue(order))]) }
        } catch {
            return .text(error.text, status: .badRequest)
        }
    }

    /// `?endpoint=exchange-code&count=2`: answers when that many calls have arrived, or after 10 s with 504.
    private func wait(_ call: Call) async -> GatewayResponse {
        guard let endpoint = call.query["endpoint"].flatMap(Endpoint.init),
            let count = call.query["count"].flatMap(Int.init)
        else {
            let names = Endpoint.allCases.map(\.rawValue).joined(separator: ", ")
            return .text("endpoint is one of \(names); count is a number", status: .badRequest)
        }
        let reached = await waiters.wait(atMost: .seconds(10)) { [self] in
            world.withLock { $0.calls[endpoint] >= count }
        }
        let arrived = world.withLock { $0.calls[endpoint] }
        return .json(
            ["endpoint": .string(endpoint.rawValue), "count": .int(arrived), "reached": .bool(reached)],
            status: reached ? .ok : .gatewayTimeout)
    }
}

extension GatewayResponse {
    fileprivate static func switches(_ switches: Switches) -> Self {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(switches) else {
            return .text("The switches could not be encoded.", status: .internalServerError)
        }
        return .of(.ok, "application/json", Array(data))
    }
}

extension World {
    /// The newest long-lived tokens, oldest first: an answer has to stay below 196 KB.
    fileprivate var longTokensJSON: JSON {
        let listed = tokens.newest(400) { $0.kind == .long }
        return [
            "tokens": .array(
                listed.map { text, token in
                    [
                        "access_token": .string(text), "account": .string(token.account.username),
                        "id": .string(token.account.appScopedID), "user_id": .string(token.account.igID),
                        "permissions": .strings(token.permissions), "issued_at": .int(token.issuedAt),
                        "expires_at": .int(token.expiresAt),
                    ]
                })
        ]
    }
}
