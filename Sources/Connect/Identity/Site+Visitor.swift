// SPDX-License-Identifier: MIT
import HTTPTypes

/// Who is here, with the cookies that the answer has to set.
struct Visitor: Sendable {
    var user: User?
    var cookies: [String] = []
}

extension Site {
    /// The visitor of a request: the user of a session that has not ended, or nobody; with identity `remote-user` the
    /// one who is signed in, who need not have connected anything yet.
    func visitor(_ request: Request) async throws(ErrorCode) -> Visitor {
        let remoteUser = try remoteUser(request)
        do throws(StoreFailure) {
            if let remoteUser {
                return Visitor(user: try await store.reread(store.user(remoteUser.name), without: keys))
            }
            let now = now()
            let cookies = CookieHeader(request.head.headerFields[.cookie])
            guard let session = Session(cookies, keyring: keyring, now: now),
                let user = try await store.reread(store.user(of: session), without: keys)
            else { return Visitor() }
            let note = session.isDueForNote(at: now) ? [session.seen(at: now).cookie(keyring, now: now)] : []
            return Visitor(user: user, cookies: note)
        } catch {
            report(error, during: "visitor")
            throw .storageUnavailable
        }
    }

    /// `GET /auth/instagram/status`.
    func status(_ request: Request) async -> Answer {
        do throws(ErrorCode) {
            let visitor = try await visitor(request)
            return Answer.json(StatusObject(visitor.user, keyring: keyring, now: now()).json).setting(visitor.cookies)
        } catch {
            return .failure(error, requestID: request.id)
        }
    }

    /// `POST /auth/instagram/sign-out`: ends this browser's session, for copies of its cookie as well.
    func signOut(_ request: Request) async -> Answer {
        // Who was signed in by somebody else is signed out there.
        guard case .session = settings.identity else { return refusal(.notFound, of: request) }
        guard request.isFromAllowedPage(settings) else { return refusal(.forbidden, of: request) }
        let now = now()
        if let session = Session(CookieHeader(request.head.headerFields[.cookie]), keyring: keyring, now: now) {
            do throws(StoreFailure) {
                try await store.end(session, signOut: request.id, now: now)
            } catch {
                report(error, during: "sign-out")
                // This browser at least forgets it.
                return refusal(.storageUnavailable, of: request).setting([Session.endedCookie])
            }
        }
        let answer: Answer =
            request.wantsPage
            ? toSettings(after: .signedOut) : .json(StatusObject(nil, keyring: keyring, now: now).json)
        return answer.setting([Session.endedCookie])
    }

    /// Throws where a token could not be kept now, or one that is kept not be opened.
    package func check() async throws {
        if let newest = try await store.probe(keys) { _ = try newest.user.token(newest.keyring) }
    }

    /// `GET /readyz`: a commit works, and the newest token that a key in force has sealed opens.
    func readiness(_ request: Request) async -> Answer {
        do {
            try await check()
            return .json(Array("{\"status\":\"success\"}\n".utf8))
        } catch {
            report(error, during: "readyz")
            return .failure(error is StoreFailure ? .storageUnavailable : .internalError, requestID: request.id)
        }
    }
}
