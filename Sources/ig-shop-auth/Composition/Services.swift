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
            log.notice("stopping")
            site.beginStopping()
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

/// What seals tokens again after another key came, in the lifecycle.
struct ResealingService: Service {
    let resealing: Resealing

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await resealing.run()
        } onCancelOrGracefulShutdown: {
            resealing.stop()
        }
    }
}

/// What keeps tokens alive in the lifecycle. It stops after the edge, whose agents may still ask for a renewal, and
/// before the calls to Instagram: what it has begun is finished.
struct RenewalService: Service {
    let renewals: Renewals

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await renewals.run()
        } onCancelOrGracefulShutdown: {
            renewals.stop()
        }
    }
}

/// What was let go is finished with, also by the process after one that was killed. It stops before the calls to Instagram.
struct LettingGoService: Service {
    let lettingGo: LettingGo

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await lettingGo.run()
        } onCancelOrGracefulShutdown: {
            lettingGo.stop()
        }
    }
}
