// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Synchronization

extension Renewals {
    /// The longest time without a look at the database, in seconds: somebody may set the clock.
    private static let look: Int64 = 3_600
    /// Seconds after which hand-outs are written together.
    private static let gathering: Int64 = 10
    /// Between two tries of a store that failed.
    private static let storePause: Duration = .seconds(5)

    private enum Job: Sendable {
        case renew(String)
        case subscribe(User)

        var user: String {
            switch self {
            case .renew(let id): id
            case .subscribe(let user): user.id
            }
        }
    }

    /// Works until it is stopped; what is under way then is finished.
    package func run() async {
        while await !recall() {
            if isStopping.withLock({ $0 }) { return }
            await pause.wait(stopBell, stopBell.rings, Self.storePause)
        }
        var written: UnixTime?
        var forgot: UnixTime?
        await withDiscardingTaskGroup { group in
            while !isStopping.withLock({ $0 }) {
                let heard = bell.rings
                let now = now()
                while await sweep(now) {}
                if forgot.map({ !(0..<Self.look).contains(now - $0) }) ?? true {
                    while await forget(now) {}
                    forgot = now
                }
                if written.map({ !(0..<Self.gathering).contains(now - $0) }) ?? true {
                    await writeHandOuts()
                    written = now
                }
                if await storeUnstored() {
                    await pause.wait(bell, heard, Self.storePause)
                    continue
                }
                if await !isStoreWell() {
                    await pause.wait(bell, heard, Self.storePause)
                    continue
                }
                if let wait = appWait() {
                    let look = handOuts.areUntold ? Self.gathering : Self.look
                    await pause.wait(bell, heard, .seconds(min(wait, look)))
                    continue
                }
                let busy = running.users
                // Not one row at a time: rows that are under way are fetched as well.
                guard busy.count <= Self.inFlight * 3 / 4 else {
                    await pause.wait(bell, heard, .seconds(1))
                    continue
                }
                // Not more than soon have their turn, so that the rest of this loop comes round.
                let room = min(Self.inFlight - busy.count, pace.withLock { $0.turns(in: .seconds(10)) })
                switch await work(except: busy.union(flights.keys), room: room) {
                case .failure:
                    await pause.wait(bell, heard, Self.storePause)
                case .success(let jobs) where jobs.isEmpty:
                    await pause.wait(bell, heard, await untilNext(now))
                case .success(let jobs):
                    for job in jobs {
                        // What came before may have shown that there is nothing to be had now.
                        guard await turn(atMost: .seconds(600), on: doneBell), mayGoOn else { break }
                        running.begin(job.user)
                        group.addTask {
                            await self.perform(job)
                            self.running.end(job.user)
                            self.doneBell.ring()
                            self.bell.ring()
                        }
                    }
                }
            }
        }
        _ = await storeUnstored()
        await writeHandOuts()
    }

    package func stop() {
        isStopping.withLock { $0 = true }
        for bell in [bell, doneBell, stopBell] { bell.ring() }
    }

    private func perform(_ job: Job) async {
        switch job {
        case .renew(let id): _ = await renew(id, isAsked: false)
        case .subscribe(let user): await subscribe(user)
        }
    }

    /// What there is to do now, of both kinds in turn: a crowd of new connections and a backlog of renewals do not hold up
    /// each other.
    private func work(except busy: Set<String>, room: Int) async -> Result<[Job], StoreFailure> {
        do throws(StoreFailure) {
            let limit = busy.count + room
            let connected =
                subscribes
                ? try await store.dueForWebhooks(at: now(), limit: limit).filter { !busy.contains($0.id) } : []
            let taken = busy.union(connected.map(\.id))
            let due = try await store.due(at: now(), limit: taken.count + room).filter { !taken.contains($0.id) }
            var jobs: [Job] = []
            for index in 0..<max(connected.count, due.count) where jobs.count < room {
                if index < connected.count { jobs.append(.subscribe(connected[index])) }
                if index < due.count { jobs.append(.renew(due[index].id)) }
            }
            return .success(jobs)
        } catch {
            report(error, during: "due")
            return .failure(error)
        }
    }

    private var mayGoOn: Bool {
        !isStopping.withLock { $0 } && appWait() == nil && unstored.withLock { $0.isEmpty }
            && !hasStoreFailed.withLock { $0 }
    }

    /// After a failure of the store nobody is called before a commit has worked: what cannot be written down would be
    /// done again and again.
    private func isStoreWell() async -> Bool {
        guard hasStoreFailed.withLock({ $0 }) else { return true }
        do throws(StoreFailure) {
            try await store.prove()
            hasStoreFailed.withLock { $0 = false }
            return true
        } catch {
            return false
        }
    }

    private func untilNext(_ now: UnixTime) async -> Duration {
        let next = try? await store.nextDue(webhooks: subscribes, expiringBelow: StatusObject.expiringBelow)
        let look = handOuts.areUntold ? Self.gathering : Self.look
        return .seconds(min(max((next ?? now + look) - now, 1), look))
    }

    /// Whether there may be more to tell.
    private func sweep(_ now: UnixTime) async -> Bool {
        do throws(StoreFailure) {
            return try await store.sweep(now: now, expiringBelow: StatusObject.expiringBelow) { _ in
                now + RenewalRule.youth
            }
        } catch {
            report(error, during: "sweep")
            return false
        }
    }

    /// Whether there is more to forget.
    private func forget(_ now: UnixTime) async -> Bool {
        do throws(StoreFailure) {
            return try await store.forget(now: now)
        } catch {
            report(error, during: "forget")
            return false
        }
    }

    /// Whether the store is still in trouble.
    private func storeUnstored() async -> Bool {
        let held = unstored.withLock { Array($0.values) }
        var isInTrouble = false
        for each in held {
            let outcome = await keep(each)
            if outcome == .unstored { isInTrouble = true } else { store.metrics.renewal(outcome) }
        }
        return isInTrouble
    }

    /// Hand-outs after the first of their hour.
    private func writeHandOuts() async {
        let untold = handOuts.take(now: now())
        guard !untold.isEmpty else { return }
        do throws(StoreFailure) {
            try await store.audit(untold, now: now())
        } catch {
            report(error, during: "hand-outs")
            handOuts.giveBack(untold)
        }
    }
}

/// The users that the engine is busy with by itself.
final class Running: Sendable {
    private let kept = Mutex<Set<String>>([])

    var users: Set<String> { kept.withLock { $0 } }
    func begin(_ user: String) { kept.withLock { _ = $0.insert(user) } }
    func end(_ user: String) { kept.withLock { _ = $0.remove(user) } }
}
