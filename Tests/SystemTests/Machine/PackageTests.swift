// SPDX-License-Identifier: MIT
import Testing

extension MachineTests {
    @Suite
    struct PackageTests {
        @Test("boots")
        func boots() async throws {
            try await Machine.use { machine in
                try await machine.setUpShop()
                print(try await machine.connect(Browser()))
            }
        }
    }
}
