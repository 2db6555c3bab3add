// SPDX-License-Identifier: MIT
import CCurl

/// Drives libcurl's multi handle, as in `libcurl-multi(3)`, "MULTI_SOCKET". Lives on one thread.
final class Reactor {
    private let mailbox: Mailbox
    private let limits: TransferLimits
    private let multi: Multi
    private var poller: Poller

    private var exchanges: [UInt64: Exchange] = [:]
    private var deadlines = Deadlines()
    /// When libcurl wants to be called although nothing is ready.
    private var timer: ContinuousClock.Instant?

    /// The thread's body: returns when the mailbox says stop, with every call answered.
    static func serve(_ mailbox: Mailbox, limits: TransferLimits) -> Result<Void, TransferUnavailable> {
        do throws(TransferUnavailable) {
            let reactor = try Reactor(mailbox, limits: limits)
            let outcome = reactor.loop()
            reactor.end()
            return outcome
        } catch {
            mailbox.close()
            return .failure(error)
        }
    }

    private init(_ mailbox: Mailbox, limits: TransferLimits) throws(TransferUnavailable) {
        self.mailbox = mailbox
        self.limits = limits
        multi = try Multi()
        poller = try Poller()
        try multi.configure(connectionsPerHost: limits.connectionsPerHost, reportingTo: self)
        mailbox.open(wake: poller.wakeNumber)
    }

    private func loop() -> Result<Void, TransferUnavailable> {
        while let commands = mailbox.collect() {
            for command in commands { obey(command) }
            do throws(TransferUnavailable) {
                let ready = try poller.wait(until: nextMoment())
                for event in ready { multi.act(on: event.descriptor, readiness: event.readiness) }
            } catch {
                return .failure(error)
            }
            callTimer()
            while let (exchange, code) = multi.nextDone() { finish(exchange, exchange.outcome(code)) }
            expire()
        }
        return .success(())
    }

    private func obey(_ command: Mailbox.Command) {
        switch command {
        case .begin(let call):
            do throws(TransferFailure) {
                let exchange = try Exchange(call, limits: limits)
                try multi.add(exchange)
                exchanges[call.ticket] = exchange
                deadlines.append(call.ticket, at: call.deadline)
            } catch {
                mailbox.answer(call, .failure(error))
            }
        case .cancel(let ticket):
            if let exchange = exchanges[ticket] { finish(exchange, .failure(.stopped)) }
        case .turn(let taken): taken()
        }
    }

    private func nextMoment() -> ContinuousClock.Instant? {
        deadlines.skip { exchanges[$0] == nil }
        return [timer, deadlines.next].compactMap(\.self).min()
    }

    private func callTimer() {
        guard let moment = timer, moment <= .now else { return }
        timer = nil  // first, because libcurl sets the next one from inside the call
        multi.actOnTimeout()
    }

    /// libcurl 7.88 does not look at the clock of a transfer that waits for a free connection (lib/multi.c,
    /// `multi_runsingle` asks for `data->conn` first), so the total deadline is kept here as well.
    private func expire() {
        let now = ContinuousClock.now
        while let ticket = deadlines.due(at: now) {
            if let exchange = exchanges[ticket] { finish(exchange, .failure(.deadline(exchange.phase))) }
        }
    }

    private func finish(_ exchange: Exchange, _ answer: Call.Answer) {
        multi.remove(exchange)
        exchanges[exchange.call.ticket] = nil
        mailbox.answer(exchange.call, answer)
    }

    /// The mailbox closes before the wake descriptor does.
    private func end() {
        for exchange in exchanges.values { finish(exchange, .failure(.stopped)) }
        mailbox.close()
    }

    // MARK: What libcurl says

    func watch(_ socket: Int32, for what: Int32) -> Bool {
        poller.watch(socket, for: what)
    }

    func setTimer(milliseconds: Int) {
        timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }
}
