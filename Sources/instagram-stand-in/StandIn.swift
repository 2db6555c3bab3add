// SPDX-License-Identifier: MIT
import ArgumentParser
import Gateway
import Glibc

/// Instagram for development and tests: consent page, token endpoints, Graph routes, faults on demand.
@main
struct StandIn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instagram-stand-in",
        abstract: "Answers like Instagram, behind nginx. For development and tests only.")

    @Option(help: "The Unix socket that nginx passes FastCGI requests to.")
    var socket: String

    @Option(help: "The Instagram app id that is known here.")
    var appID = "990602627938098"

    @Option(help: "The app secret that belongs to it.")
    var appSecret = "test_instagram_app_secret"

    @Option(help: "A registered redirect URI. Repeat it for more.")
    var redirectURI: [String] = []

    static let defaultRedirectURI = "http://localhost:8080/auth/instagram/callback"

    func run() async throws {
        guard Gateway.initialiseLibrary() else { throw StartFailure("libfcgi could not be initialised") }
        let app = AppRegistration(
            id: appID, secret: appSecret, redirectURIs: redirectURI.isEmpty ? [Self.defaultRedirectURI] : redirectURI)
        let server = Server(app: app)
        let gateway = try Gateway(
            socket: try ListeningSocket.bound(to: socket), limits: Self.limits,
            observe: { say("gateway: \($0)") }, overdue: { server.waiters.close() },
            handler: { await server.answer($0) })
        let signals = StopSignals {
            gateway.stop()
            server.waiters.close()
        }
        say("listening on \(socket)")
        await gateway.run()
        signals.cancel()
    }

    /// A stop waits for nobody: what hangs is let go at once, and the rest has twice this long.
    private static var limits: GatewayLimits {
        var limits = GatewayLimits()
        limits.drain = .milliseconds(500)
        return limits
    }
}

struct StartFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One line for whoever started it. Never a parameter's value.
private func say(_ line: String) {
    let line = Array("instagram-stand-in: \(line)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
