// SPDX-License-Identifier: MIT
import Testing

@testable import Gateway

@Suite struct WaitingConnectionsTests {
    private let start = ContinuousClock.now

    @Test func theOldestIsPushedOutByOneTooMany() {
        var waiting = WaitingConnections(bound: 2)
        #expect(waiting.insert(10, deadline: start).pushedOut == nil)
        #expect(waiting.insert(11, deadline: start).pushedOut == nil)
        #expect(waiting.insert(12, deadline: start).pushedOut == 10)
        #expect(waiting.count == 2)
        #expect(Set(waiting.descriptors) == [11, 12])
    }

    @Test func aTokenIsNeverGivenTwice() {
        var waiting = WaitingConnections(bound: 2)
        var tokens: Set<UInt64> = []
        for _ in 0..<100 {
            let (token, _) = waiting.insert(7, deadline: start)
            #expect(tokens.insert(token).inserted)
            #expect(waiting.connection(token) == 7)
            waiting.remove(token)
            #expect(waiting.connection(token) == nil)
        }
        #expect(tokens.isDisjoint(with: [0, 1]))
    }

    @Test func aTokenOfAConnectionThatIsGoneFindsNothingAlsoWhenItsDescriptorIsUsedAgain() {
        var waiting = WaitingConnections(bound: 8)
        let (old, _) = waiting.insert(5, deadline: start)
        waiting.remove(old)
        let (new, _) = waiting.insert(5, deadline: start)
        #expect(waiting.connection(old) == nil)
        #expect(waiting.connection(new) == 5)
        waiting.remove(old)
        #expect(waiting.count == 1)
    }

    @Test func theyComeDueInTheOrderInWhichTheyCame() {
        var waiting = WaitingConnections(bound: 8)
        let tokens = (0..<5).map { waiting.insert($0, deadline: start + .seconds(Int($0))).token }
        waiting.remove(tokens[0])
        waiting.remove(tokens[2])
        #expect(waiting.nextDeadline == start + .seconds(1))
        #expect(waiting.takeOverdue(start + .milliseconds(999)) == nil)
        #expect(waiting.takeOverdue(start + .seconds(3)) == 1)
        #expect(waiting.takeOverdue(start + .seconds(3)) == 3)
        #expect(waiting.takeOverdue(start + .seconds(3)) == nil)
        waiting.remove(tokens[4])
        #expect(waiting.nextDeadline == nil)
        #expect(waiting.takeOverdue(start + .seconds(9)) == nil)
    }
}
