// SPDX-License-Identifier: MIT
import COpenSSL

/// What `check` says about the libcrypto that is really linked.
package enum LinkedLibrary {
    /// Such as "OpenSSL 3.0.22 25 Aug 2026".
    package static var version: String { String(cString: vault_openssl_version()) }
}
