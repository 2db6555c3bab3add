// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// `openssl s_server` on a loopback port of its own, with a certificate that it made for itself.
final class OpenSSLServer {
    let port: Int
    private let process = Process()
    private let folder = FileManager.default.temporaryDirectory.appending(path: "transfer-tests-\(UUID())")

    struct Silent: Error {}

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = folder.appending(path: "key").path
        let certificate = folder.appending(path: "certificate").path
        let maker = Self.prepare(
            Process(),
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=127.0.0.1 "
                + "-addext subjectAltName=IP:127.0.0.1 -keyout \(key) -out \(certificate)")
        maker.standardError = FileHandle.nullDevice
        try maker.run()
        maker.waitUntilExit()

        let output = Pipe()
        _ = Self.prepare(process, "s_server -accept 127.0.0.1:0 -www -key \(key) -cert \(certificate)")
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = Pipe()
        try process.run()
        var said = ""
        while !said.contains(/ACCEPT .*:\d+\n/) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Silent() }
            said += String(decoding: more, as: UTF8.self)
        }
        guard let found = said.firstMatch(of: /ACCEPT .*:(\d+)\n/), let port = Int(found.1) else { throw Silent() }
        self.port = port
    }

    func stop() {
        // Not SIGTERM: threads of libdispatch block it, and the child inherits that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func prepare(_ process: Process, _ arguments: String) -> Process {
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        return process
    }
}
