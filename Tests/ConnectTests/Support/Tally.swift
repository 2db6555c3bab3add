// SPDX-License-Identifier: MIT
import Synchronization

/// What many tasks write down together.
final class Tally<Element: Sendable>: Sendable {
    private let kept = Mutex<[Element]>([])

    func add(_ element: Element) { kept.withLock { $0.append(element) } }
    var all: [Element] { kept.withLock { $0 } }
}
