// SPDX-License-Identifier: MIT

/// A library with a fault that reaches this program, and where it is mended. What a library does that this program does
/// not ask of it is no reason to be here.
struct LibraryRule: Sendable {
    let library: String
    /// The version of its makers.
    let fixed: String
    /// Debian mends a version without giving it another number of its makers; Debian 12's first that is mended.
    let fixedPackage: String
    /// Its packages, by their names in Debian 12 and after.
    let packages: [String]
    let why: String

    static let all = [
        // We are a TLS client, and a certificate of the other side is parsed. What OpenSSL mended since then is in CMS,
        // DTLS, QUIC, CMP, PKCS#12 and calls that we do not make.
        LibraryRule(
            library: "OpenSSL", fixed: "3.0.7", fixedPackage: "3.0.7-1", packages: ["libssl3", "libssl3t64"],
            why: "CVE-2022-3602, CVE-2022-3786: a certificate overflows a buffer"),
        // Who may answer for a host is libcurl's own comparison. The rest of its list is about proxies, cookies,
        // redirects, netrc and other protocols, which are all off.
        LibraryRule(
            library: "libcurl", fixed: "8.1.0", fixedPackage: "7.88.1-10", packages: ["libcurl4", "libcurl4t64"],
            why: "CVE-2023-28321: a certificate for another host may pass"),
        LibraryRule(
            library: "libfcgi", fixed: "2.4.5", fixedPackage: "2.4.2-2+deb12u1",
            packages: ["libfcgi0ldbl", "libfcgi0t64"], why: "CVE-2025-23016: declared lengths overflow a buffer"),
    ]

    enum Finding: Equatable {
        case fault(String)
        case note(String)
    }

    /// - Parameters:
    ///   - linked: What the library says itself; nil: nothing.
    ///   - package: What is installed; nil: nobody knows.
    func finding(linked: String?, package: String?) -> Finding? {
        let upstream = package.map(DebianVersion.upstream)
        guard let number = linked ?? upstream else {
            return .note("libraries: cannot tell which \(library) this is; have \(fixed) or later (\(why))")
        }
        if DebianVersion(number) >= DebianVersion(fixed) { return nil }
        // A distribution may have mended it under this number, and only its package would say so.
        guard let package else {
            return .note(
                "libraries: cannot tell whether \(library) \(number) is mended (\(why)); have \(fixed) or later,"
                    + " or a package that mends it")
        }
        // A library from elsewhere is not what the package says.
        guard upstream == number else {
            return .fault(
                "libraries: \(library) \(number) is older than \(fixed) (\(why)); install that or a later one")
        }
        if DebianVersion(package) >= DebianVersion(fixedPackage) { return nil }
        if package.contains("ubuntu") {
            return .note(
                "libraries: cannot tell whether \(library) \(package) is mended (\(why)); keep its package up to date")
        }
        return .fault(
            "libraries: \(library) \(package) is older than \(fixedPackage) (\(why));"
                + " apt-get install --only-upgrade \(packages[0])")
    }

    /// SQLite 3.7.0 to 3.51.2 can damage a database in WAL mode when two connections write to it or checkpoint it at the
    /// same moment (its release notes of 3.51.3). Here one connection does, so this is no fault.
    static func sqlite(_ version: String) -> Finding? {
        guard DebianVersion(version) < DebianVersion("3.51.3") else { return nil }
        return .note(
            "libraries: SQLite \(version) may damage a database that two connections write to (mended in 3.51.3);"
                + " the service writes with one: let nothing else write to that file")
    }
}
