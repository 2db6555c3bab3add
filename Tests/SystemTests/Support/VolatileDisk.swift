// SPDX-License-Identifier: MIT
import TestSupport

/// A disk that keeps what it was made to keep, and of everything else what it likes: any sectors of any writes, in any
/// order, and any of the names that were made or removed since their directory was last synced.
struct VolatileDisk {
    /// What is left of what was not synced.
    enum Survival: CaseIterable {
        case nothing, everything, pages, sectors

        /// What a write is cut into, each of which survives or not.
        var unit: Int { self == .sectors ? 512 : 4_096 }
    }

    private final class File {
        var kept: [UInt8] = []
        var pending: [DiskTrace.Step] = []
    }

    private var names: [String: File] = [:]
    private var keptNames: [String: File] = [:]
    private var pendingNames: [(name: String, file: File?)] = []

    mutating func apply(_ step: DiskTrace.Step) {
        switch step.operation {
        case .create:
            let file = File()
            names[step.name] = file
            pendingNames.append((step.name, file))
        case .unlink:
            names[step.name] = nil
            pendingNames.append((step.name, nil))
        case .write, .truncate:
            names[step.name]?.pending.append(step)
        case .sync where step.name.isEmpty:
            for (name, file) in pendingNames { keptNames[name] = file }
            pendingNames = []
        case .sync:
            guard let file = names[step.name] else { return }
            for step in file.pending { Self.apply(step, to: &file.kept) }
            file.pending = []
        }
    }

    /// The files as they are found after the power was away.
    func powerLoss(_ survival: Survival, _ numbers: inout SeededNumbers) -> [String: [UInt8]] {
        var found = keptNames
        for (name, file) in pendingNames where Self.survives(survival, &numbers) { found[name] = file }
        return found.mapValues { file in
            var bytes = file.kept
            for step in file.pending { Self.apply(step, to: &bytes, survival, &numbers) }
            return bytes
        }
    }

    private static func apply(
        _ step: DiskTrace.Step, to bytes: inout [UInt8], _ survival: Survival, _ numbers: inout SeededNumbers
    ) {
        switch survival {
        case .nothing: return
        case .everything: apply(step, to: &bytes)
        case .pages, .sectors:
            guard step.operation == .write else {
                if survives(survival, &numbers) { apply(step, to: &bytes) }
                return
            }
            // The new length may have become known without the bytes.
            let end = step.offset + step.bytes.count
            if bytes.count < end, Bool.random(using: &numbers) { resize(&bytes, to: end) }
            var start = step.offset
            while start < end {
                let next = min(end, (start / survival.unit + 1) * survival.unit)
                if survives(survival, &numbers) {
                    resize(&bytes, to: max(bytes.count, next))
                    bytes.replaceSubrange(start..<next, with: step.bytes[(start - step.offset)..<(next - step.offset)])
                }
                start = next
            }
        }
    }

    private static func apply(_ step: DiskTrace.Step, to bytes: inout [UInt8]) {
        guard step.operation == .write else { return resize(&bytes, to: step.offset) }
        let end = step.offset + step.bytes.count
        resize(&bytes, to: max(bytes.count, end))
        bytes.replaceSubrange(step.offset..<end, with: step.bytes)
    }

    private static func resize(_ bytes: inout [UInt8], to count: Int) {
        if bytes.count > count { bytes.removeLast(bytes.count - count) }
        if bytes.count < count { bytes += [UInt8](repeating: 0, count: count - bytes.count) }
    }

    private static func survives(_ survival: Survival, _ numbers: inout SeededNumbers) -> Bool {
        switch survival {
        case .nothing: false
        case .everything: true
        case .pages, .sectors: Bool.random(using: &numbers)
        }
    }
}
