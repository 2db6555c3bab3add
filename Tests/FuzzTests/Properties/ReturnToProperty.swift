// SPDX-License-Identifier: MIT

@testable import Connect

extension Property {
    /// Whatever is taken for an address of ours, a browser takes for the same one: the origin is ours, and no segment of
    /// the path is read away. That holds for the path alone, for the address as it is sent, and with our own parameter.
    static let returnTo = Property(name: "return-to") { bytes throws(Broken) in
        let text = String(decoding: bytes, as: UTF8.self)
        guard let returnTo = try? ReturnTo(text) else { return false }
        try promise(returnTo.path.utf8.elementsEqual(text.utf8), "another path than was asked for")
        try stays(returnTo)
        return true
    }

    static func stays(_ returnTo: ReturnTo) throws(Broken) {
        let added = returnTo.adding("instagram_error", "access_denied").text
        let path = Array(returnTo.path.utf8.prefix { $0 != UInt8(ascii: "?") })
        for written in [returnTo.path, added, added + "&request_id=1#instagram=failed"] {
            for location in [written, Destination.origin + written] {
                let reached = Destination(of: location)
                try promise(
                    reached?.origin == Destination.origin, "\(location) leads to \(reached?.origin ?? "nowhere")")
                try promise(reached?.path == path, "\(location) is not where it says")
            }
        }
        // A query that is not UTF-8 is the page's own matter.
        if let query = try? Query(String(added.drop { $0 != "?" }.dropFirst()), knowing: ["instagram_error"]) {
            try promise(query["instagram_error"] == "access_denied", "our own parameter is another one")
        }
    }
}
