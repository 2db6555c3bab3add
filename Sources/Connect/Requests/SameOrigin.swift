// SPDX-License-Identifier: MIT
import HTTPTypes

/// Whether a request that changes something was made by a page of ours, or of one that is as good as ours.
extension Request {
    /// A POST of ours: `Sec-Fetch-Site` says so, or, from a browser that does not send it, `Origin` does.
    func isFromOurPage(_ settings: SiteSettings) -> Bool {
        switch head.headerFields[.secFetchSite] {
        case nil: isFrom([settings.publicOrigin])
        case let site?: site == "same-origin"
        }
    }

    /// The same, or a page of an allowed origin. Of another site none counts, whatever the list says: our cookies do not
    /// go there, and a link is what it needs.
    func isFromAllowedPage(_ settings: SiteSettings) -> Bool {
        switch head.headerFields[.secFetchSite] {
        case nil: isFrom([settings.publicOrigin] + settings.allowedOrigins)
        case "same-origin"?: true
        case "same-site"?: isFrom(settings.allowedOrigins)
        default: false
        }
    }

    /// JSON may be started by such a page, and by what is no browser; by no other site.
    func isFromAllowedPageOrNoBrowser(_ settings: SiteSettings) -> Bool {
        isFromAllowedPage(settings)
            || (head.headerFields[.secFetchSite] == nil && head.headerFields[.origin] == nil)
    }

    /// A press of our own button, as far as a GET can show it.
    var isSameOriginNavigation: Bool {
        head.headerFields[.secFetchSite] == "same-origin"
    }

    /// One `Origin` field, byte for byte one of these (RFC 6454, section 7.3).
    private func isFrom(_ origins: [String]) -> Bool { allowedOrigin(of: origins) != nil }

    /// That one. nil: another, several, or none.
    func allowedOrigin(of origins: [String]) -> String? {
        let fields = head.headerFields[values: .origin]
        guard fields.count == 1 else { return nil }
        return origins.first { $0.utf8.elementsEqual(fields[0].utf8) }
    }
}
