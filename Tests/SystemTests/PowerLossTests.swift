// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// The power fails. What was done to the database is recorded while flows run; of any moment of that, the disk is made
/// as it may be found then, and the program starts on it.
@Suite
struct PowerLossTests {
    private struct Flow {
        let state: String
        let browser: Browser
        let callback: WebURL
        /// Trace positions: the code was seen at Instagram by then; the visitor heard "connected" by then.
        var sent: Int?
        var acknowledged: Int?
    }

    @Test("After each answer, whatever is left of what was not synced: nothing acknowledged is lost (checklist 48)")
    func anyMoment() async throws {
        let disk = try await DiskShim(records: true)
        try await Stage.run(Stage.Options(shim: disk)) { stage in
            let flows = try await history(stage, disk)
            #expect(await stage.responder?.killed() == .signal(9))
            let steps = try disk.recorded().steps
            let answers = flows.compactMap(\.acknowledged)
            #expect(answers.count > 20)
            #expect(steps.contains { $0.operation == .write && $0.name.hasSuffix(".sqlite3") && $0.end > answers[0] })

            let count = Soak.times(20)
            var numbers = SeededNumbers(48)
            // Half of them right after an answer, half of them anywhere.
            let moments = (0..<count).map { round in
                round % 2 == 0
                    ? answers.randomElement(using: &numbers)! : Int.random(in: 0...steps.last!.end, using: &numbers)
            }
            var power = VolatileDisk()
            var rest = steps[...]
            for (round, moment) in moments.sorted().enumerated() {
                while let step = rest.first, step.end <= moment {
                    power.apply(step)
                    rest.removeFirst()
                }
                let survival = VolatileDisk.Survival.allCases[round % 4]
                try await restart(stage, on: power.powerLoss(survival, &numbers))
                try await check(flows, at: moment, stage, "\(survival) survives at \(moment)")
            }
            Soak.record(
                "power losses at any moment, with any part of what was not synced", count,
                "\(answers.count) acknowledged, none lost, no row corrupt, no code forgotten")
        }
    }

    @Test(
        "The check itself: the record is what is on the disk, and a disk that syncs nothing loses what was acknowledged"
    )
    func control() async throws {
        let disk = try await DiskShim(records: true)
        try await Stage.run(Stage.Options(shim: disk)) { stage in
            let browser = Browser()
            for _ in 0..<3 { _ = try await stage.connect(browser) }
            try await stage.restartResponder()
            try await stage.ready()
            let callback = try await stage.consented(browser)
            #expect(try await browser.fetch(callback.request).status == 200)
            #expect(await stage.responder?.killed() == .signal(9))

            var numbers = SeededNumbers(1)
            var (honest, lying) = (VolatileDisk(), VolatileDisk())
            let steps = try disk.recorded().steps
            for step in steps {
                honest.apply(step)
                if step.operation != .sync || !step.name.hasSuffix("-wal") { lying.apply(step) }
            }
            let files = honest.powerLoss(.everything, &numbers)
            #expect(files.keys.contains { $0.hasSuffix("-wal") })
            for (name, bytes) in files {
                #expect(try [UInt8](Data(contentsOf: url(name, stage))) == bytes, "\(name)")
            }
            try await restart(stage, on: honest.powerLoss(.nothing, &numbers))
            #expect(try stage.kept.flows().isConnected(callback.value(of: "state")))
            try await restart(stage, on: lying.powerLoss(.nothing, &numbers))
            #expect(try !stage.kept.flows().isConnected(callback.value(of: "state")))
        }
    }

    /// Flows one after the other and many at once, with a restart between, which moves everything from the log into the
    /// database; in the long version the log becomes long enough for that by itself.
    private func history(_ stage: Stage, _ disk: DiskShim) async throws -> [Flow] {
        var flows: [Flow] = []
        for round in 0..<2 {
            for _ in 0..<6 {
                var flow = try await begun(stage)
                let seen = try await stage.standIn.calls().exchanges
                let answer = Task { [flow] in try await flow.browser.fetch(flow.callback.request) }
                try await stage.standIn.wait(for: "exchange-code", count: seen + 1)
                flow.sent = disk.position()
                #expect(try await answer.value.status == 200)
                flow.acknowledged = disk.position()
                flows.append(flow)
            }
            for _ in 0..<Soak.times(2) {
                flows += try await withThrowingTaskGroup(of: Flow.self) { group in
                    for _ in 0..<12 {
                        group.addTask {
                            var flow = try await begun(stage)
                            let status = try await flow.browser.fetch(flow.callback.request).status
                            if status == 200 { flow.acknowledged = disk.position() }
                            return flow
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            if round == 0 {
                try await stage.restartResponder()
                try await stage.ready()
            }
        }
        return flows
    }

    private func begun(_ stage: Stage) async throws -> Flow {
        let browser = Browser()
        let account = Bool.random() ? "acme_shop" : "bloom.ceramics"
        let callback = try await stage.consented(browser, account: account)
        return Flow(state: try callback.value(of: "state"), browser: browser, callback: callback)
    }

    private func restart(_ stage: Stage, on files: [String: [UInt8]]) async throws {
        await stage.responder?.killed()
        for name in try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory) {
            try FileManager.default.removeItem(at: url(name, stage))
        }
        for (name, bytes) in files { try Data(bytes).write(to: url(name, stage)) }
        try stage.startResponder()
        try await stage.ready()
    }

    private func url(_ name: String, _ stage: Stage) -> URL {
        URL(fileURLWithPath: stage.databaseDirectory + "/" + name)
    }

    private func check(_ flows: [Flow], at moment: Int, _ stage: Stage, _ comment: Comment) async throws {
        let kept = stage.kept
        #expect(try kept.integrity() == "ok", comment)
        let rows = try kept.flows()
        var newest: Flow?
        for flow in flows {
            if let at = flow.acknowledged, at <= moment {
                let isConnected = rows.isConnected(flow.state)
                #expect(isConnected, comment)
                newest = flow
            }
            if let at = flow.sent, at <= moment {
                let phase = rows[flow.state]?.phase
                #expect(phase == "sent" || phase == "done", comment)
            }
        }
        #expect(try await stage.everyTokenIsGood(), comment)
        if let newest {
            #expect(try await newest.browser.fetch(newest.callback.request).status == 200, comment)
            #expect(try await newest.browser.fetch(stage.status).decoded(Account.self).connected == true, comment)
        }
    }
}
