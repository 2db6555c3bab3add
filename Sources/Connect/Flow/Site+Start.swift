// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram

extension Site {
    private static let startParameters: Set<String> = ["return_to", "switch_account"]

    /// `GET`, `POST /auth/instagram`: begins a flow. Touches nothing but the browser's cookies, so that it costs the
    /// same with a slow disk and a slow Instagram.
    func start(_ request: Request) -> Answer {
        // A browser that fetches ahead has not been told to connect anything.
        if request.isPrefetch { return refusal(.busy, of: request) }
        let wantsPage = request.wantsPage
        let user: RemoteUser?
        let returnTo: ReturnTo?
        let switchesAccount: Bool
        do throws(ErrorCode) {
            user = try remoteUser(request)
            let query = try Query(request.query, knowing: Self.startParameters)
            returnTo = try query["return_to"].map { path throws(ErrorCode) in try settings.returnTo(path) }
            switch query["switch_account"] {
            case nil, "0": switchesAccount = false
            case "1": switchesAccount = true
            default: throw .invalidRequest
            }
        } catch {
            return refusal(error, of: request)
        }

        if request.head.method == .post {
            guard request.isFromAllowedPage(settings) else { return refusal(.forbidden, of: request) }
        } else if wantsPage {
            // Typed, bookmarked, or linked from elsewhere: our button has to be pressed first (checklist 21).
            guard request.isSameOriginNavigation else { return toSettings(returnTo: returnTo) }
        } else {
            guard request.isFromAllowedPageOrNoBrowser(settings) else { return refusal(.forbidden, of: request) }
        }

        let ticket = FlowTicket.begin(
            at: clock(), generation: store.generation, user: user?.name, returnTo: returnTo,
            switchesAccount: switchesAccount, random: random)
        return begin(ticket, of: request, wantsPage: wantsPage)
    }

    /// The answer that sends a visitor to Instagram with a flow of their own.
    func begin(_ ticket: FlowTicket, of request: Request, wantsPage: Bool) -> Answer {
        let url = authorizeURL.url(state: ticket.state, switchingAccount: ticket.switchesAccount)
        let cookies = FlowCookies(
            CookieHeader(request.head.headerFields[.cookie]), keyring: keyring, origins: settings.allowedOrigins,
            now: ticket.issuedAt)
        let answer: Answer
        if wantsPage {
            answer = .seeOther(url)
        } else {
            var body = JSONText()
            body.add("auth_url", url: url)
            body.add("status", "success")
            answer = .json(body.finished())
        }
        return answer.setting(cookies.adding(ticket))
    }

    private func toSettings(returnTo: ReturnTo?) -> Answer {
        let page = Self.settingsPath
        return .seeOther(url(returnTo.map { page.adding("return_to", $0.text) } ?? page))
    }
}
