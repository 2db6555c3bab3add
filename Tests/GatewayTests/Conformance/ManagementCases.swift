// SPDX-License-Identifier: MIT
import Gateway

/// 4 and 5.4: management records, records that only an application sends, and `ABORT_REQUEST`, in each place.
extension ConformanceCase {
    private static func values(_ names: String...) -> [UInt8] {
        record(9, id: 0, names.flatMap { pair($0, "") })
    }

    private static let asked = "answered with FCGI_GET_VALUES_RESULT"
    private static let unknown = "an unknown type of management record is answered with FCGI_UNKNOWN_TYPE"

    static let management: [Self] =
        [
            ("nothing", values()), ("FCGI_MAX_CONNS", values("FCGI_MAX_CONNS")),
            ("FCGI_MAX_REQS", values("FCGI_MAX_REQS")), ("FCGI_MPXS_CONNS", values("FCGI_MPXS_CONNS")),
            ("all three", values("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS")),
            ("what nobody knows", values("A", "B")), ("more than a record holds", record(9, id: 0, length: 65_000)),
        ].map { (name: String, wire: [UInt8]) in
            .refused(.recordType, "4.1", "GET_VALUES of \(name)", asked, wire, decision: .management)
        }
        + within(values("FCGI_MAX_CONNS")).map { place, wire in
            .refused(.recordType, "4.1", "GET_VALUES \(place)", asked, wire, decision: .management)
        } + [
            .refused(
                .trailingBytes, "4.1", "GET_VALUES after the request", asked, asking() + values("FCGI_MAX_CONNS"),
                decision: .management),
            .refused(
                .recordType, "4.1", "GET_VALUES with a request's id", "management records have id 0",
                begin() + record(9, pair("FCGI_MAX_CONNS", "")), decision: .management),
        ]
        + ([0, 11, 12, 127, 128, 254, 255] as [UInt8]).flatMap { type -> [Self] in
            [
                .refused(
                    .recordType, "4.2", "type \(type) first", unknown, record(type, id: 0), decision: .management),
                .refused(
                    .recordType, "4.2", "type \(type) with a body among PARAMS", unknown,
                    begin() + params(getRoot) + record(type, id: 0, [1, 2, 3]), decision: .management),
            ]
        }

    static let foreign: [Self] = [
        ("END_REQUEST", 3, [0, 0, 0, 0, 0, 0, 0, 0]), ("STDOUT", 6, [1]), ("STDERR", 7, [1]), ("DATA", 8, [1]),
        ("GET_VALUES_RESULT", 10, []), ("UNKNOWN_TYPE", 11, [12, 0, 0, 0, 0, 0, 0, 0]),
    ].flatMap { (name: String, type: UInt8, content: [UInt8]) in
        within(record(type, content)).map { place, wire in
            .refused(.recordType, "8", "\(name) \(place)", "an application's, or a filter's", wire)
        }
    }

    private static let aborted = "the application ends the request as soon as it can, with END_REQUEST"

    static let abort: [Self] =
        within(record(2)).map { place, wire in
            .refused(.recordType, "5.4", "ABORT_REQUEST \(place)", aborted, wire, decision: .noAbort)
        } + [
            .refused(
                .recordType, "5.4", "ABORT_REQUEST of another request", aborted, begin() + record(2, id: 2),
                decision: .noAbort),
            .refused(
                .recordType, "5.4", "ABORT_REQUEST with a body", "it has none", begin() + record(2, [1]),
                decision: .noAbort),
            .refused(
                .trailingBytes, "5.4", "ABORT_REQUEST right after the request", aborted, asking() + record(2),
                decision: .noAbort),
            {
                var late = answered(
                    "5.4", "ABORT_REQUEST while the handler runs", aborted, asking(), decision: .noAbort)
                late.late = record(2)
                return late
            }(),
        ]

    /// A record in each place before the end of a request.
    private static func within(_ record: [UInt8]) -> [(place: String, wire: [UInt8])] {
        let rest = params(getRoot) + params() + stdin([1]) + stdin()
        return [
            ("first", record + begin() + rest), ("after BEGIN_REQUEST", begin() + record + rest),
            ("among PARAMS", begin() + params(getRoot) + record + params(pair("A", "B")) + params() + stdin()),
            ("after PARAMS", begin() + params(getRoot) + params() + record + stdin()),
            ("in the body", begin() + params(getRoot) + params() + stdin([1]) + record + stdin([2]) + stdin()),
        ]
    }
}
