// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes
import Synchronization

/// Routes a request, counts it, lets it meet its fault, and answers.
final class Server: Sendable {
    /// A mutex and no actor: nothing waits while it is held, and an answer without a fault does not suspend.
    let world: Mutex<World>
    let waiters = Waiters()

    init(app: AppRegistration) {
        world = Mutex(World(app: app))
    }

    func answer(_ request: GatewayRequest) async -> GatewayResponse {
        if request.bodyExceedsLimit { return .text("The body is too long.", status: .contentTooLarge) }
        let call = Call(request)
        switch Route(path: call.path, method: call.method) {
        case .instagram(let endpoint): return await answer(call, at: endpoint)
        case .decision: return world.withLock { $0.decide(call) }
        case .authorizeError: return ConsentRefusal(call.query["message"] ?? "").page
        case let route?: return await control(call, route)
        case nil: return .text("Nothing is here. See /control for the switches.", status: .notFound)
        }
    }

    private func answer(_ call: Call, at endpoint: Endpoint) async -> GatewayResponse {
        let fault = world.withLock { world in
            world.calls.note(call, at: endpoint)
            return world.switches.takeFault(at: endpoint)
        }
        waiters.look()
        if let latency = fault?.latencyMilliseconds, latency > 0 {
            await waiters.wait(atMost: .milliseconds(latency)) { false }
        }
        if let error = fault?.error { return world.withLock { $0.reply(to: call, failing: error) } }
        switch fault?.kind {
        case nil:
            return world.withLock { $0.answer(call, at: endpoint) }
        case .dropAfterSuccess:
            return world.withLock { world in
                _ = world.answer(call, at: endpoint)
                return world.reply(to: call, at: endpoint, failing: .dropAfterSuccess)
            }
        case .hang:
            await waiters.wait(atMost: .seconds(600)) { false }
            return world.withLock { $0.reply(to: call, at: endpoint, failing: .hang) }
        case let kind?:
            return world.withLock { $0.reply(to: call, at: endpoint, failing: kind) }
        }
    }
}
