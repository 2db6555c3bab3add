// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Testing

/// The settings page behind a login of the shop's own.
@Suite
struct RemoteUserPageTests {
    private static let settings = [
        "IG_SHOP_AUTH_IDENTITY": "remote-user", "IG_SHOP_AUTH_EDGE": ProductionSite.edge,
        "IG_SHOP_AUTH_LOGIN_URL": "/login",
    ]

    /// The stage's nginx asks for a password from now on, by the shipped file.
    private func askForPassword(_ stage: Stage) async throws {
        let snippets = stage.directory + "/nginx/snippets/ig-shop-auth"
        let hash = try await Command.succeed("openssl", ["passwd", "-5", ProductionSite.password]).output
        try "\(ProductionSite.user):\(hash)".write(
            toFile: stage.directory + "/htpasswd", atomically: true, encoding: .utf8)
        try "fastcgi_param IG_EDGE \"\(ProductionSite.edge)\";\n".write(
            toFile: stage.directory + "/edge.conf", atomically: true, encoding: .utf8)
        for (from, to) in [("-basic", ""), ("-login", "-login")] {
            let text = try String(contentsOfFile: "\(snippets)\(from).conf", encoding: .utf8)
                .replacing("/etc/nginx/ig-shop-auth.htpasswd;", with: stage.directory + "/htpasswd;")
                .replacing("/etc/nginx/ig-shop-auth-edge.conf;", with: stage.directory + "/edge.conf;")
            try text.write(toFile: "\(snippets)\(to).conf", atomically: true, encoding: .utf8)
        }
        stage.nginx?.signal(SIGHUP)
        _ = try await eventually("the question for a password") {
            try await HTTPClient.shared.send(.get, stage.status).header("www-authenticate") != nil ? () : nil
        }
    }

    @Test("Nobody is signed in: a page with a link to where one signs in. Then it is that user's page")
    func page() async throws {
        try await Stage.run(Stage.Options(settings: Self.settings)) { stage in
            try await Chromium.run { browser in
                try await browser.open(stage.settingsPage)
                #expect(try await browser.texts("[role=alert]") == [ErrorCode.loginRequired.message])
                #expect(try await browser.texts("main a") == ["Sign in"])
                #expect(
                    try await browser.run("return document.querySelector('main a').href") as? String
                        == stage.origin + "/login")
                #expect(try await !browser.has("form"))
                try await browser.keep("way-login-required")

                try await askForPassword(stage)
                let words = Data("\(ProductionSite.user):\(ProductionSite.password)".utf8).base64EncodedString()
                func signIn() async throws {
                    try await browser.developerTools("Network.enable")
                    try await browser.developerTools(
                        "Network.setExtraHTTPHeaders", ["headers": ["Authorization": "Basic " + words]])
                }
                try await signIn()
                // A worker of nginx from before takes requests for a moment more.
                _ = try await eventually("the page of who is signed in") {
                    try await browser.open(stage.settingsPage)
                    return try await browser.has("#connect") ? () : nil
                }
                #expect(try await browser.console().allSatisfy { $0.contains("401") })
                try await browser.click("#connect")
                _ = try await browser.text("#allow")
                let first = try await browser.newTab()
                try await signIn()
                try await browser.open(stage.settingsPage)
                try await browser.connect(stage)
                #expect(try await !browser.has("#sign-out"))
                #expect(try stage.kept.users().map(\.id) == [ProductionSite.user])

                // The first tab is still at Instagram, where somebody chooses another account.
                try await browser.goTo(tab: first)
                try await browser.click("#account-1")
                try await browser.click("#allow")
                try await browser.expectFailure(
                    stage, says: ErrorCode.accountMismatch.message, picture: "way-mismatch")
                #expect(try await browser.text("#account").contains("@acme_shop"))
                #expect(try await browser.primaryButtons() == ["switch"])
                try await browser.click("#switch")
                try await browser.click("#account-1")
                try await browser.click("#allow")
                try await browser.expectConnected(stage, name: "@bloom.ceramics")
                #expect(try stage.kept.users().filter { $0.state == "connected" }.map(\.username) == ["bloom.ceramics"])
                try await browser.expectQuiet(stage)
            }
        }
    }
}
