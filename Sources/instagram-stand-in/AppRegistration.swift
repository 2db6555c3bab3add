// SPDX-License-Identifier: MIT

/// The one app that is registered here, as its owner would have typed it into the App Dashboard.
struct AppRegistration: Sendable {
    let id: String
    let secret: String
    /// Compared byte by byte: nothing is normalised.
    let redirectURIs: [String]
}
