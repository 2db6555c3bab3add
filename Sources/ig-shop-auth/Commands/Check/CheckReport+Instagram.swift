// SPDX-License-Identifier: MIT
import Connect
import Instagram

/// What Instagram says to somebody who is sent there, asked once.
extension CheckReport {
    /// nginx passes one path to us. A page of a frontend may be named instead, and then calls that path itself.
    mutating func redirectURI(_ uri: String) {
        let name = "META_REDIRECT_URI"
        let path = HTTPOrigin.split(uri)?.path ?? ""
        let callback = Endpoint.callback.rawValue
        if path == callback { return }
        if "/" + path.split(separator: "/").joined(separator: "/") == callback {
            fault("\(name): \(uri) has a slash too many; it ends with \(callback), here and in the app's dashboard")
        } else {
            note("\(name): \(path) is not \(callback), so a page of yours has to call that with the code and the state")
        }
    }

    /// The code has to come back to where the flow's cookie goes.
    mutating func origins(_ settings: Settings) {
        guard let origin = HTTPOrigin.split(settings.app.redirectURI)?.origin.description,
            !([settings.publicOrigin] + settings.allowedOrigins).contains(origin)
        else { return }
        fault(
            "META_REDIRECT_URI: is on \(origin), which is neither the public origin (\(settings.publicOrigin)) nor one of"
                + " \(Setting.allowedOrigins.name), so that nothing can be connected; if a page of yours is there, add it"
        )
    }

    mutating func instagram(_ settings: Settings) async {
        switch await AuthorizeProbe.ask(settings) {
        case .silence(let why):
            unclear(settings, why)
            let digits = settings.app.id.utf8.count
            if !(14...17).contains(digits) {
                note("META_APP_ID: has \(digits) digits, and ids of Instagram apps have about 15; see that it is one")
            }
        case .reply(let reply, let around):
            tell(
                AuthorizeAnswer(reply, origin: settings.app.authorizeOrigin, redirectURI: settings.app.redirectURI),
                settings)
            if let skew = ClockSkew(reply, around) { clock(skew) }
        }
    }

    private mutating func tell(_ answer: AuthorizeAnswer, _ settings: Settings) {
        let app = settings.app
        let dashboard = "API setup with Instagram login in the app's dashboard"
        switch answer {
        case .asks: good("authorize URL", "leads to a login or consent page")
        case .unknownApp(let said):
            fault(
                "META_APP_ID: Instagram knows no app \(app.id) (\(Self.quoted(said)));"
                    + " take the Instagram app id from \(dashboard), not the Meta app's")
        case .unregisteredRedirect where isFaulty("META_REDIRECT_URI"):
            break  // no wonder
        case .unregisteredRedirect(let said):
            fault(
                "META_REDIRECT_URI: Instagram refuses \(app.redirectURI) (\(Self.quoted(said)));"
                    + " register it, byte for byte, under \(dashboard)")
        case .refusedScopes(let said):
            fault(
                "META_SCOPES: Instagram refuses them (\(Self.quoted(said)));"
                    + " ask only for permissions that the app has")
        case .refused(let said):
            fault(
                "META_APP_ID: Instagram refuses what is asked with it (\(Self.quoted(said)));"
                    + " compare id, redirect URI and permissions with \(dashboard)")
        case .gone(let why):
            fault(
                "\(setting(settings)): the authorize URL leads to no login or consent page any more (\(why));"
                    + " install a newer version, or name the host to which Instagram has moved it")
        case .unclear(let why): unclear(settings, why)
        }
    }

    private mutating func unclear(_ settings: Settings, _ why: String) {
        note("\(setting(settings)): cannot tell whether the authorize URL leads to a login or consent page: \(why)")
    }

    private func setting(_ settings: Settings) -> String {
        settings.app.authorizeOrigin == settings.app.hosts.www ? "META_WWW_URL" : "META_API_URL"
    }

    private mutating func clock(_ skew: ClockSkew) {
        if let seconds = skew.beyondTolerance {
            let way = seconds > 0 ? "ahead of" : "behind"
            fault("clock: this machine is \(abs(seconds)) s \(way) Instagram; let NTP set it, timedatectl set-ntp true")
        } else {
            good("clock", "as Instagram's, to \(ClockSkew.tolerance) s")
        }
    }

    /// Somebody else's words on an operator's terminal.
    private static func quoted(_ said: String) -> String {
        "\"\(Shown.text(String(said.unicodeScalars.prefix(200).map(Character.init))))\""
    }
}
