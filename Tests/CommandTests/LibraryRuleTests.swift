// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ig_shop_auth

/// Libraries below the version in which something was mended that reaches this program.
@Suite
struct LibraryRuleTests {
    private static func finding(_ library: String, _ linked: String?, _ package: String?) -> LibraryRule.Finding? {
        LibraryRule.all.first { $0.library == library }!.finding(linked: linked, package: package)
    }

    @Test(
        "What is mended has no finding: by its makers, or by Debian under the same number",
        arguments: [
            ("OpenSSL", "3.0.22", "3.0.22-1~deb12u2"), ("OpenSSL", "3.0.7", nil), ("OpenSSL", "3.5.4", "3.5.4-1"),
            ("libcurl", "7.88.1", "7.88.1-10+deb12u15"), ("libcurl", "7.88.1", "7.88.1-10"), ("libcurl", "8.14.1", nil),
            ("libfcgi", nil, "2.4.2-2+deb12u1"), ("libfcgi", nil, "2.4.5-0.1"), ("libfcgi", nil, "2.4.10-1"),
        ] as [(String, String?, String?)])
    func mended(_ library: String, _ linked: String?, _ package: String?) {
        #expect(Self.finding(library, linked, package) == nil)
    }

    @Test("One that is older is a fault with its reason and remedy; where nobody can tell, a note says so")
    func old() {
        let certificate = "(CVE-2022-3602, CVE-2022-3786: a certificate overflows a buffer)"
        // Loaded from elsewhere, whatever the package is.
        #expect(
            Self.finding("OpenSSL", "3.0.5", "3.0.22-1~deb12u2")
                == .fault("libraries: OpenSSL 3.0.5 is older than 3.0.7 \(certificate); install that or a later one"))
        let names = "(CVE-2023-28321: a certificate for another host may pass)"
        #expect(
            Self.finding("libcurl", "7.88.1", "7.88.1-9")
                == .fault(
                    "libraries: libcurl 7.88.1-9 is older than 7.88.1-10 \(names); apt-get install --only-upgrade libcurl4"
                ))
        #expect(
            Self.finding("libcurl", "7.88.1", nil)
                == .note(
                    "libraries: cannot tell whether libcurl 7.88.1 is mended \(names); have 8.1.0 or later,"
                        + " or a package that mends it"))
        let lengths = "(CVE-2025-23016: declared lengths overflow a buffer)"
        #expect(
            Self.finding("libfcgi", nil, "2.4.2-2")
                == .fault(
                    "libraries: libfcgi 2.4.2-2 is older than 2.4.2-2+deb12u1 \(lengths);"
                        + " apt-get install --only-upgrade libfcgi0ldbl"))
        #expect(
            Self.finding("libfcgi", nil, nil)
                == .note("libraries: cannot tell which libfcgi this is; have 2.4.5 or later \(lengths)"))
        #expect(
            Self.finding("OpenSSL", "3.0.2", "3.0.2-0ubuntu1.20")
                == .note(
                    "libraries: cannot tell whether OpenSSL 3.0.2-0ubuntu1.20 is mended \(certificate);"
                        + " keep its package up to date"))
        #expect(LibraryRule.sqlite("3.51.3") == nil && LibraryRule.sqlite("3.52.0") == nil)
        guard case .note = LibraryRule.sqlite("3.40.1") else {
            Issue.record("no note about SQLite")
            return
        }
    }

    /// As `dpkg --compare-versions` orders them; the last test asks it.
    private static let ascending = [
        "0.9", "1.0~rc1-1", "1.0~rc1-1.1", "1.0", "1.0-1~deb12u1", "1.0-1", "1.0-1+deb12u1", "1.0-1+deb12u2",
        "1.0-1+deb12u10",
        "1.0-1.1", "1.0-10", "1.0a-1", "1.0+dfsg-1", "1.0.1-1", "1.2", "1.10", "2.4.2-2", "2.4.2-2+deb12u1", "2.4.5-1",
        "1:0.1-1",
    ]

    @Test("Versions are in Debian's order")
    func order() {
        for (index, one) in Self.ascending.enumerated() {
            for (other, text) in Self.ascending.enumerated() {
                let (left, right) = (DebianVersion(one), DebianVersion(text))
                #expect((left < right) == (index < other) && (left == right) == (index == other), "\(one) \(text)")
            }
        }
        #expect(DebianVersion("1.0") == DebianVersion("0:1.0") && DebianVersion("1.01") == DebianVersion("1.1"))
    }

    @Test("dpkg says the same", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/dpkg")))
    func dpkg() throws {
        for (one, other) in zip(Self.ascending, Self.ascending.dropFirst()) {
            let process = try Process.run(
                URL(filePath: "/usr/bin/dpkg"), arguments: ["--compare-versions", one, "lt", other])
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(one) \(other)")
        }
    }
}
