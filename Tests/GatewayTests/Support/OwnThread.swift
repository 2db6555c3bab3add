// SPDX-License-Identifier: MIT
import Dispatch
import Testing

/// A test that speaks to a gateway blocks. On a thread of its own it takes none from the pool that handlers run on.
struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await onOwnThread { try await body() }
    }
}

func onOwnThread(_ body: () async throws -> Void) async throws {
    final class Executor: TaskExecutor {
        private let queue = DispatchQueue(label: "test")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
    try await withTaskExecutorPreference(Executor()) { try await body() }
}

extension Trait where Self == OwnThread {
    static var ownThread: OwnThread { OwnThread() }
}
