// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// A copy of Examples/react, where Debian's packages stand in for what `npm install` would bring.
final class ReactProject: Sendable {
    /// What nginx shows below `/examples/`.
    let examples: String
    private var directory: String { examples + "/react" }

    private static let packages = "/usr/share/nodejs"

    init() throws {
        var template = Array("/tmp/ig-react.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        examples = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, examples)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let source = Programs.repository + "/Examples/react"
        // Not what a developer has installed or built there.
        let left: Set = ["node_modules", "package-lock.json", "app.js"]
        for name in try FileManager.default.contentsOfDirectory(atPath: source) where !left.contains(name) {
            try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(directory)/\(name)")
        }
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/node_modules", withDestinationPath: Self.packages)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: examples)
        Janitor.shared.forget(.directory, examples)
    }

    /// Runs a script of package.json as npm does: its line, in the project, by a shell.
    func run(_ script: String) async throws -> Command {
        struct Package: Decodable {
            let scripts: [String: String]
        }
        let package = try JSONDecoder().decode(Package.self, from: Data(text("package.json").utf8))
        guard let line = package.scripts[script] else { throw Missing("a script \(script)") }
        return try await Command.run(
            "/bin/sh", ["-c", "cd \"$1\" && \(line)", "sh", directory], environment: ["NODE_PATH": Self.packages])
    }

    func build(_ script: String) async throws {
        let command = try await run(script)
        guard command.end == .exit(0) else { throw Missing("\(script): \(command.output)\(command.error)") }
    }

    func text(_ file: String) throws -> String { try String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8) }

    func write(_ text: String, to file: String) throws {
        try text.write(toFile: "\(directory)/\(file)", atomically: true, encoding: .utf8)
    }
}

/// The built project beside the service, with its login page as `META_REDIRECT_URI`.
struct ReactStageTrait: SuiteTrait, TestScoping {
    @TaskLocal static var project: ReactProject!

    @concurrent func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        let project = try ReactProject()
        try await project.build("dev")
        let options = Stage.Options(examples: project.examples, redirectPath: "/examples/react/login.html")
        try await Self.$project.withValue(project) {
            try await StageTrait(options: options).provideScope(
                for: test, testCase: testCase, performing: function)
        }
    }
}

extension Trait where Self == ReactStageTrait {
    static var reactStage: Self { Self() }
}
