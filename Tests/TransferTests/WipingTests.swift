// SPDX-License-Identifier: MIT
import Testing
import Transfer
import Vault

extension TransferTests {
    /// Looks at this process as a core dump would.
    @Suite(.disabled(if: SecretMark.isUnderASanitizer)) struct Wiping {
        @Test("After a call no memory of ours or libcurl's has the secrets (checklist 34)")
        func secretsAreGoneAfterTheCall() async throws {
            // Reads without keeping: this server is in the same process.
            let server = try HostileServer { connection in
                connection.discardRequest(whoseBodyEndsWith: SecretMark.last)
                connection.send(answer("ok"))
            }
            let marks = (0..<3).map { _ in SecretMark() }
            try await withTransfer { transfer in
                try await Self.call(transfer, server.url, marks)
                #expect(try marks.map { try $0.copiesInThisProcess() } == [0, 0, 0])
            }
        }

        @Test func theSearchFindsWhatIsThere() throws {
            let mark = SecretMark()
            let kept = Array(mark.text)
            #expect(try mark.copiesInThisProcess() >= 1)
            withExtendedLifetime(kept) {}
        }

        /// The secrets exist only in here.
        private static func call(_ transfer: Transfer, _ url: String, _ marks: [SecretMark]) async throws {
            let request = OutboundRequest(
                name: "wiped", method: .post, url: url, query: QueryString(copying: marks[0].text),
                form: FormBody(copying: marks[1].text),
                bearer: LongLivedToken(copying: marks[2].text), replay: .never)
            _ = try await transfer.send(request)
        }
    }
}
