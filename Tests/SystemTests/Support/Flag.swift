// SPDX-License-Identifier: MIT
import Synchronization

/// Tells tasks that go on until they are told to end.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}
