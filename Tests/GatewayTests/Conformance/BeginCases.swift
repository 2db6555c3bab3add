// SPDX-License-Identifier: MIT
import Gateway

/// 5.1 and 6: what a request begins with.
extension ConformanceCase {
    static let beginnings: [Self] =
        [
            .answered(
                "5.1", "no flags", "the application closes the connection after its answer",
                request(record(1, [0, 1, 0, 0, 0, 0, 0, 0]))),
            .answered(
                "3.5", "FCGI_KEEP_CONN", "the connection stays open for the web server to close",
                request(record(1, [0, 1, 1, 0, 0, 0, 0, 0])), decision: .keepConnection),
            .answered(
                "5.1", "flags that nobody knows", "there is one flag",
                request(record(1, [0, 1, 0xfe, 0, 0, 0, 0, 0]))),
            .answered(
                "5.1", "reserved bytes that are not 0", "what is reserved says nothing",
                request(record(1, [0, 1, 0, 1, 2, 3, 4, 255]))),
        ]
        + [0, 1, 7, 9, 16].map { count in
            .refused(
                .beginLength, "5.1", "a body of \(count) bytes", "it has 8",
                request(record(1, Array(([0, 1] + bytes(14)).prefix(count)))))
        }

    static let roles: [Self] =
        [.answered("6.2", "the responder", "role 1", request(begin()))]
        + [
            (2, "6.3", "the authorizer"), (3, "6.4", "the filter"), (0, "6.1", "no role"), (4, "6.1", "an unknown one"),
            (255, "6.1", "the highest of one byte"), (256, "6.1", "1 in the other byte"),
            (257, "6.1", "1 in both bytes"), (65_535, "6.1", "the highest one"),
        ].map { (role: Int, section: String, name: String) in
            .refused(
                .role, section, "role \(role), \(name)", "what is not served is answered with FCGI_UNKNOWN_ROLE",
                request(record(1, bigEndian(UInt16(role)) + [0, 0, 0, 0, 0, 0])), decision: .role)
        }

    private static func request(_ begin: [UInt8]) -> [UInt8] {
        begin + params(getRoot) + params() + stdin()
    }
}
