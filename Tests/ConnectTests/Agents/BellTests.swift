// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct BellTests {
    @Test("A ring between looking and waiting is not missed, and nobody waits for nothing")
    func heard() async {
        let bell = Bell()
        let heard = bell.rings
        bell.ring()
        #expect(await bell.waitIfRoom(after: heard, atMost: .seconds(600)))
        #expect(await bell.waitIfRoom(after: bell.rings, atMost: .zero))
        #expect(await bell.waitIfRoom(after: bell.rings, atMost: .milliseconds(1)))
        #expect(bell.waiting == 0)
    }

    @Test("One ring wakes all; one more than the bell has room for is told so at once")
    func crowd() async {
        let bell = Bell(bound: 100)
        let heard = bell.rings
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { await bell.waitIfRoom(after: heard, atMost: .seconds(600)) } }
            await until { bell.waiting == 100 }
            #expect(await bell.waitIfRoom(after: heard, atMost: .seconds(600)) == false)
            bell.ring()
            for await woken in group { #expect(woken) }
        }
        #expect(bell.waiting == 0)
    }
}
