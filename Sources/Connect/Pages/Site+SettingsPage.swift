// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram

extension Site {
    package static let settingsPath = ReturnTo(endpoint: .settings)

    /// `GET /auth/instagram/settings`. Arrives cross-site by nature, on the way back from Instagram.
    func settingsPage(_ request: Request) async -> Answer {
        let arrival = Arrival(request.query, settings)
        do throws(ErrorCode) {
            let visitor = try await visitor(request)
            let notice: SettingsPage.Notice? =
                switch arrival.deed {
                case .disconnected: try await farewell(request)
                case .signedOut: settings.identity.isSession && visitor.user == nil ? .signedOut : nil
                case nil: nil
                }
            let status = StatusObject(visitor.user, keyring: keyring, now: now())
            let page = SettingsPage(
                status: status, words: request.language.words,
                scopes: instagram.app.scopes, neededScopes: instagram.app.product.needed(of: instagram.app.scopes),
                error: status.isConnected ? arrival.errorBesideAnAccount : arrival.error, returnTo: arrival.returnTo,
                isSignInByConnecting: settings.identity.isSession,
                notice: notice)
            return self.page.answer(.settings(page), in: request.language).setting(visitor.cookies)
        } catch {
            return failurePage(error, of: request)
        }
    }

    /// Back to the page that says what was done; the fragment brings the focus to that.
    func toSettings(after deed: SettingsPage.Deed) -> Answer {
        let word = SettingsPage.Deed.parameter + "=" + deed.rawValue
        return .seeOther(url("\(Self.settingsPath.path)?\(word)#\(word)"))
    }

    func failurePage(_ error: ErrorCode, of request: Request) -> Answer {
        var answer = page.answer(.failure(error), in: request.language, status: error.status)
        answer.error = error
        return answer
    }
}

/// What the address says about how a visitor came here.
private struct Arrival {
    private(set) var error: ErrorCode?
    private(set) var returnTo: ReturnTo?
    private(set) var deed: SettingsPage.Deed?

    /// Nobody who is connected comes back with what only somebody else can meet: a link says so, and is not believed.
    var errorBesideAnAccount: ErrorCode? {
        switch error {
        case .reconnectRequired, .loginRequired, .unauthorized, .gone, .tokenRefused: nil
        default: error
        }
    }

    private static let known: Set = [
        "instagram_error", "instagram_permission", "return_to", SettingsPage.Deed.parameter,
    ]

    init(_ query: String, _ settings: SiteSettings) {
        do throws(ErrorCode) {
            let query = try Query(query, knowing: Self.known)
            deed = query[SettingsPage.Deed.parameter].flatMap(SettingsPage.Deed.init)
            error = query["instagram_error"].flatMap(ErrorCode.init(publicCode:))?
                .missing(query["instagram_permission"].flatMap(Permission.init(rawValue:)))
            returnTo = try query["return_to"].map { path throws(ErrorCode) in try settings.returnTo(path) }
        } catch {
            self.error = error
        }
    }
}
