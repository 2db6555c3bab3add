// SPDX-License-Identifier: MIT
import Foundation

/// Where the things under test are: programs beside the running test binary, nginx's files in the repository.
enum Programs {
    static let directory: String = {
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return URL(fileURLWithPath: running).deletingLastPathComponent().path
    }()

    static let shopAuth = directory + "/ig-shop-auth"
    static let standIn = directory + "/instagram-stand-in"
    /// Not in everybody's PATH.
    static let nginx = "/usr/sbin/nginx"

    /// Tests/SystemTests/Support/Programs.swift lies four levels below it.
    static let repository: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    static let nginxFiles = repository + "/nginx"
    static let configure = nginxFiles + "/development/configure"
}

/// What a test needs and does not find.
struct Missing: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
