// SPDX-License-Identifier: MIT
import Connect
import Transfer
import Vault

/// Versions of what is linked, and of the packages that brought it.
struct LibraryVersions {
    /// As the libraries say it, such as "OpenSSL 3.0.22 25 Aug 2026".
    var openSSL: String
    var sqlite: String
    /// With the libraries that libcurl is built with.
    var curl: String
    /// By name; empty where there is no dpkg.
    var packages: [String: String]

    static func ofThisMachine() -> Self {
        Self(
            openSSL: LinkedLibrary.version, sqlite: Inspection.sqliteVersion, curl: Transfer.libraryVersion,
            packages: installed(LibraryRule.all.flatMap(\.packages)))
    }

    /// What the library says of its number; libfcgi says nothing.
    func linked(_ library: String) -> String? {
        switch library {
        case "OpenSSL": openSSL.split(separator: " ").dropFirst().first.map(String.init)
        case "libcurl": curl.split { $0 == " " || $0 == "/" }.dropFirst().first.map(String.init)
        default: nil
        }
    }

    /// dpkg-query fails for names that it does not know, and tells the rest all the same.
    private static func installed(_ names: [String]) -> [String: String] {
        let words = ["-W", "-f", "${Package} ${db:Status-Status} ${Version}\\n"] + names
        guard let said = Spoken.by("/usr/bin/dpkg-query", words, bound: 1 << 16, within: 5) else { return [:] }
        let lines = said.output.split(separator: "\n").map { $0.split(separator: " ") }
        return lines.reduce(into: [:]) { found, words in
            if words.count == 3, words[1] == "installed" { found[String(words[0])] = String(words[2]) }
        }
    }
}

extension CheckReport {
    mutating func libraries(_ versions: LibraryVersions) {
        let fcgi = versions.packages.first { $0.key.hasPrefix("libfcgi") }.map { ", libfcgi \($0.value)" } ?? ""
        good("libraries", "\(versions.openSSL), SQLite \(versions.sqlite), \(versions.curl)\(fcgi)")
        let findings = LibraryRule.all.map { rule in
            let package = rule.packages.lazy.compactMap { versions.packages[$0] }.first
            return rule.finding(linked: versions.linked(rule.library), package: package)
        }
        for finding in findings + [LibraryRule.sqlite(versions.sqlite)] {
            switch finding {
            case .fault(let line): fault(line)
            case .note(let line): note(line)
            case nil: break
            }
        }
    }
}
