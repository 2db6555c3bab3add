// SPDX-License-Identifier: MIT
import Gateway
import ServiceLifecycle
import Transfer

/// The FastCGI edge in the lifecycle: a graceful shutdown stops accepting and waits for what runs.
struct GatewayService: Service {
    let gateway: Gateway

    func run() async throws {
        await withGracefulShutdownHandler {
            await gateway.run()
        } onGracefulShutdown: {
            gateway.stop()
        }
    }
}

/// The calls to Instagram in the lifecycle. It stops after the edge, which may still wait for them.
struct TransferService: Service {
    let transfer: Transfer

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await transfer.run()
        } onGracefulShutdown: {
            transfer.stop()
        }
    }
}
