// SPDX-License-Identifier: MIT
import Testing

/// One machine with a shop for all tests of a suite; `Machine.current` is it.
struct MachineTrait: SuiteTrait, TestScoping {
    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await Machine.use { machine in
            try await machine.setUpShop()
            try await Machine.$current.withValue(machine) { try await function() }
        }
    }
}

extension Trait where Self == MachineTrait {
    static var machine: Self { Self() }
}
