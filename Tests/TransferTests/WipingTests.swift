// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Transfer
import Vault

extension TransferTests {
    /// Looks at a process as a core dump would. One of its own, in which nothing else runs.
    @Suite(.disabled(if: SecretMark.isUnderASanitizer, "a sanitizer's memory is another"))
    struct Wiping {
        @Test("After a call no memory of ours or libcurl's has the secrets (checklist 34)")
        func secretsAreGoneAfterTheCall() async {
            await #expect(processExitsWith: .success) {
                // Reads without keeping: this server is in the same process.
                let server = try HostileServer { connection in
                    connection.discardRequest(whoseBodyEndsWith: SecretMark.last)
                    connection.send(answer("ok"))
                }
                let marks = (0..<3).map { _ in SecretMark() }
                // Looked at once the thread has ended: it lets go of a call a moment after it has told the answer.
                try await withTransfer { try await Wiping.call($0, server.url, marks) }
                try #expect(marks.map { try $0.copiesInThisProcess() } == [0, 0, 0])
            }
        }

        @Test("The search finds what is there")
        func theSearchFindsWhatIsThere() async {
            await #expect(processExitsWith: .success) {
                let mark = SecretMark()
                let kept = Array(mark.text)
                try #expect(mark.copiesInThisProcess() >= 1)
                withExtendedLifetime(kept) {}
            }
        }

        /// The secrets exist only in here.
        fileprivate static func call(_ transfer: Transfer, _ url: String, _ marks: [SecretMark]) async throws {
            let request = OutboundRequest(
                name: "wiped", method: .post, url: url, query: QueryString(copying: marks[0].text),
                form: FormBody(copying: marks[1].text),
                bearer: LongLivedToken(copying: marks[2].text), replay: .never)
            _ = try await transfer.send(request)
        }
    }
}
