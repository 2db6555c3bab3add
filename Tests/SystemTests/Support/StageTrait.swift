// SPDX-License-Identifier: MIT
import Testing

/// One stage for all tests of a suite, torn down after the last of them; `Stage.current` is it.
struct StageTrait: SuiteTrait, TestScoping {
    let options: Stage.Options

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await Stage.run(options) { stage in
            try await Stage.$current.withValue(stage) { try await function() }
        }
    }
}

extension Trait where Self == StageTrait {
    static var stage: Self { Self(options: Stage.Options()) }

    static func stage(_ options: Stage.Options) -> Self { Self(options: options) }
}
