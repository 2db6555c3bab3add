// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Vault

@Suite struct ExitTests {
    @Test(
        "A process may end while other threads seal, hash and draw: OpenSSL frees nothing under them", arguments: 0..<10
    )
    func whileWorking(round: Int) async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<4 {
                Thread {
                    while true { _ = Digest.sha256(Randomness.system.bytes(32)) }
                }.start()
            }
            // OpenSSL is in use by all of them.
            usleep(20_000)
            exit(0)
        }
    }
}
