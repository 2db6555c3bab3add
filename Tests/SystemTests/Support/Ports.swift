// SPDX-License-Identifier: MIT
import Glibc
import Synchronization

/// Ports that are free on the loopback: below the range that outgoing connections take theirs from, and never twice in
/// one run, because a port is only taken when nginx has started.
enum Ports {
    private static let given = Mutex<Set<Int>>([])

    /// The first of so many in a row.
    static func free(_ count: Int = 1) throws -> Int {
        for _ in 0..<500 {
            let port = Int.random(in: 12_000..<32_000)
            let row = Set(port..<port + count)
            let isNew = given.withLock { given in
                defer { given.formUnion(row) }
                return given.isDisjoint(with: row)
            }
            guard isNew, row.allSatisfy(isFree) else { continue }
            return port
        }
        throw Missing("no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port)
        return address.with { bind(descriptor, $0, $1) } == 0
    }
}

extension sockaddr_in {
    static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }

    mutating func with<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: &self) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Self>.size)) }
        }
    }
}
