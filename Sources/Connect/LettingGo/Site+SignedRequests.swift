// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Logging
import Vault

extension Site {
    /// Seconds that Meta's clock may be ahead of ours.
    private static let ahead: Int64 = 300

    /// `POST /auth/instagram/deauthorize`: a person has removed the app inside Instagram. Also for an id that nobody
    /// knows the answer is the same.
    func deauthorize(_ request: Request) async -> Answer {
        do throws(ErrorCode) {
            _ = try await obey(.deauthorize, request)
            return .json(Array("{\"status\":\"success\"}\n".utf8))
        } catch {
            return .failure(error, requestID: request.id)
        }
    }

    /// `POST /auth/instagram/data-deletion`: a person wants everything about their account deleted.
    func dataDeletion(_ request: Request) async -> Answer {
        do throws(ErrorCode) {
            let code = try await obey(.delete, request)
            var text = JSONText()
            text.add("url", url: url(Endpoint.dataDeletion.rawValue + "/" + code))
            text.add("confirmation_code", code)
            return .json(text.finished())
        } catch {
            return .failure(error, requestID: request.id)
        }
    }

    /// - Returns: The confirmation code.
    private func obey(_ kind: SignedOrder.Kind, _ request: Request) async throws(ErrorCode) -> String {
        let signed = try signedRequest(request)
        let now = clock()
        guard signed.issuedAt <= now.time.seconds + Self.ahead else { throw .invalidRequest }
        let code = signed.confirmationCode
        let order = SignedOrder(
            kind: kind, id: kind.rawValue + " " + Base64URL.encode(signed.digest), account: signed.userID.digits,
            issuedAt: UnixTime(signed.issuedAt), codeHash: kind == .delete ? Digest.sha256(code.utf8) : nil)
        let obeyed = try await storage("signed request") { () throws(StoreFailure) in
            try await store.obey(order, requestID: request.id, now: now, seals: lettingGo.seals)
        }
        if let obeyed { await lettingGo.finish(obeyed) }
        return code
    }

    /// The form's one field, verified before anything is looked up.
    private func signedRequest(_ request: Request) throws(ErrorCode) -> SignedRequest {
        let type = request.head.headerFields[.contentType]?.prefix { $0 != ";" }.lowercased()
        guard type == "application/x-www-form-urlencoded", let text = String(validating: request.body, as: UTF8.self),
            let field = try Query(text, knowing: ["signed_request"])["signed_request"]
        else { throw .invalidRequest }
        do throws(SignedRequestFault) {
            return try SignedRequest(verifying: field, with: instagram.app.signingSecrets)
        } catch {
            log.warning("signed request refused", metadata: ["because": "\(error)"])
            throw .invalidRequest
        }
    }

    /// `GET /auth/instagram/data-deletion/{code}`: what was deleted and when. Who has the code is told; no name, no id.
    func deletion(_ request: Request, code: String) async -> Answer {
        do throws(ErrorCode) {
            let record = try await storage("deletion") { () throws(StoreFailure) in
                try await store.deletion(codeHash: Digest.sha256(code.utf8))
            }
            guard let record else { throw .notFound }
            if request.wantsPage {
                let words = request.language.words
                return page.answer(.deletion(DeletionPage(record: record, words: words)), in: request.language)
            }
            var text = JSONText()
            text.add("status", "success")
            text.add("received_at", record.receivedAt.description)
            text.add("done_at", record.doneAt?.description)
            text.add("erased", (record.erased ?? []).map(\.rawValue))
            return .json(text.finished())
        } catch {
            return refusal(error, of: request)
        }
    }
}
