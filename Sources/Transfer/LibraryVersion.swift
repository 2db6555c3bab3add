// SPDX-License-Identifier: MIT
import CCurl

extension Transfer {
    /// What `check` says about the libcurl that is really linked: its version, and those of what it is built with.
    package static var libraryVersion: String { String(cString: curl_version()) }
}
