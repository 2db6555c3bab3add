// SPDX-License-Identifier: MIT
import HTTPTypes

/// Whether a request that changes something was made by a page of ours.
extension Request {
    /// A POST of ours: `Sec-Fetch-Site` says so, or, from a browser that does not send it, `Origin` does.
    func isFromOurPage(origin: String) -> Bool {
        switch head.headerFields[.secFetchSite] {
        case nil: head.headerFields[.origin].map { $0.utf8.elementsEqual(origin.utf8) } ?? false
        case let site?: site == "same-origin"
        }
    }

    /// JSON may be started by our own pages and by what is no browser; by no other site.
    var isSameOriginOrNoBrowser: Bool {
        head.headerFields[.secFetchSite].map { $0 == "same-origin" } ?? true
    }

    /// A press of our own button, as far as a GET can show it.
    var isSameOriginNavigation: Bool {
        head.headerFields[.secFetchSite] == "same-origin"
    }
}
