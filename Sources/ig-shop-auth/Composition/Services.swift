// SPDX-License-Identifier: MIT
import Connect
import Gateway
import Logging
import ServiceLifecycle
import Transfer

/// The FastCGI edge in the lifecycle: a shutdown lets what runs be finished.
struct GatewayService: Service {
    let gateway: Gateway
    let site: Site
    let log: Logger

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await gateway.run()
        } onCancelOrGracefulShutdown: {
            site.beginStopping()
            log.notice("stopping")
            gateway.stop()
        }
    }
}

/// The calls to Instagram in the lifecycle. It stops after the edge, which may still wait for them.
struct TransferService: Service {
    let transfer: Transfer

    func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await transfer.run()
            // Stopped by the edge, whose drain was over: this service ends when it is its turn.
            try? await gracefulShutdown()
        } onCancelOrGracefulShutdown: {
            transfer.stop()
        }
    }
}

/// What works by itself in the lifecycle: renewals, letting go, resealing. It stops after the edge, whose visitors and
/// agents may still wait for it, and before the calls to Instagram: what it has begun is finished.
struct EngineService: Service {
    let work: @Sendable () async -> Void
    let stop: @Sendable () -> Void

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await work()
        } onCancelOrGracefulShutdown: {
            stop()
        }
    }
}
