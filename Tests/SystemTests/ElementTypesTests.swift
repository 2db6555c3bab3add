// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Yams

@testable import Connect

/// Examples/types/instagram-connect.d.ts, held against the compiler and against the program.
@Suite
struct ElementTypesTests {
    private static let declaration = Programs.repository + "/Examples/types/instagram-connect.d.ts"

    /// What tsc says of these files beside the declaration, with Debian's types of React.
    private func check(_ files: [String: String], jsx: String = "react-jsx") async throws -> Command {
        let project = try ReactProject()
        let directory = project.examples + "/types"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/node_modules", withDestinationPath: "/usr/share/nodejs")
        try FileManager.default.copyItem(
            atPath: Self.declaration, toPath: directory + "/instagram-connect.d.ts")
        for (name, text) in files {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
        let settings = """
            {"compilerOptions": {"strict": true, "noEmit": true, "skipLibCheck": true, "types": [], "target": "es2020",
             "lib": ["es2020", "dom"], "module": "es2020", "moduleResolution": "node", "esModuleInterop": true,
             "jsx": "\(jsx)"}, "include": ["*.ts", "*.tsx"]}
            """
        try settings.write(toFile: directory + "/tsconfig.json", atomically: true, encoding: .utf8)
        return try await Command.run("/usr/bin/tsc", ["-p", directory])
    }

    private static let head = """
        import React, { useRef } from 'react';
        import type { InstagramConnectElement, InstagramError, InstagramStatus } from './instagram-connect';
        const element = document.querySelector('instagram-connect')!;

        """

    private static let right = """
        const same: InstagramConnectElement = document.createElement('instagram-connect');
        export const last: InstagramStatus | null = element.status ?? same.status;
        element.refresh().then(now => { if (now?.state === 'expiring') element.setAttribute('return-to', '/?a'); });
        element.addEventListener('instagram-error', ({ detail }) => {
          const told: InstagramError = detail;
          if (detail.code !== 'unknown') console.log(told.requestId?.length);
        });
        document.addEventListener('instagram-connected', ({ detail }) => console.log(detail.scopes?.length));
        document.addEventListener('instagram-disconnected', ({ detail }) => detail.webhooks === 'unsubscribed');
        export function Page() {
          const ref = useRef<InstagramConnectElement>(null);
          return <React.Fragment><instagram-connect ref={ref} return-to="/" lang="ar-EG" class="wide" /></React.Fragment>;
        }

        """

    @Test("What README promises passes the compiler, by itself and in JSX", arguments: ["react", "react-jsx"])
    func rightUses(jsx: String) async throws {
        let command = try await check(["right.tsx": Self.head + Self.right], jsx: jsx)
        #expect(command.end == .exit(0), "\(command.output)")
    }

    @Test("The declaration needs no other, and no library of types is wrong about it")
    func alone() async throws {
        let command = try await Command.run("/usr/bin/tsc", ["--noEmit", "--strict", Self.declaration])
        #expect(command.end == .exit(0), "\(command.output)")
    }

    @Test("A wrong use does not pass, each for its own reason")
    func wrongUses() async throws {
        let uses: [(line: String, error: String)] = [
            ("document.createElement('instagram-connect').status = null;", "TS2540"),
            ("element.status.state;", "TS2531"),
            ("element.status?.state === 'conected';", "TS2367"),
            ("element.status?.access_token;", "TS2339"),
            ("element.status?.reason === 'busy';", "TS2367"),
            ("element.refresh(true);", "TS2554"),
            ("element.disconnect();", "TS2551"),
            ("element.addEventListener('instagram-error', ({ detail }) => detail.message);", "TS2339"),
            ("element.addEventListener('instagram-error', ({ detail }) => detail.code === 'gone');", "TS2367"),
            ("document.addEventListener('instagram-connected', ({ detail }) => detail.code);", "TS2339"),
            ("document.addEventListener('instagram-conected', ({ detail }) => detail);", "TS2339"),
            ("export const a = <instagram-connect return-to={5} />;", "TS2322"),
            ("export const b = <instagram-conect />;", "TS2339"),
            ("export const c: InstagramError = { code: 'busy' };", "TS2741"),
        ]
        let command = try await check(["wrong.tsx": Self.head + uses.map { $0.line + "\n" }.joined()])
        for (index, use) in uses.enumerated() {
            let said = command.output.split(separator: "\n").filter { $0.contains("wrong.tsx(\(index + 4),") }
            #expect(said.contains { $0.contains(": error \(use.error): ") }, "\(use.line) \(said)")
        }
    }

    @Test("It knows each code that a browser can meet, each state, each reason and each field, and no other")
    func words() throws {
        let text = try String(contentsOfFile: Self.declaration, encoding: .utf8)
        func union(_ name: String) throws -> [String] {
            let begin = try #require(text.range(of: "type \(name) =")?.upperBound)
            let end = try #require(text.range(of: ";", range: begin..<text.endIndex)?.lowerBound)
            return text[begin..<end].matches(of: /"([a-z_]+)"/).map { String($0.output.1) }.sorted()
        }
        let agents: Set = ["unauthorized", "reconnect_required", "gone", "token_refused"]
        #expect(
            try union("InstagramErrorCode")
                == Set(ErrorCode.allCases.map(\.publicCode)).subtracting(agents).sorted())
        #expect(try union("InstagramState") == StatusObject.State.allCases.map(\.rawValue).sorted())
        #expect(try union("InstagramReason") == (Loss.allCases.map(\.rawValue) + ["key_missing"]).sorted())

        let written = try String(
            contentsOfFile: Programs.repository + "/Sources/Connect/openapi.yaml", encoding: .utf8)
        let document = try Yams.load(yaml: written) as? [String: Any]
        let schemas = (document?["components"] as? [String: Any])?["schemas"] as? [String: [String: Any]]
        let promised = try #require(schemas?["Status"]?["properties"] as? [String: Any])
        let body = try #require(text.firstMatch(of: /interface InstagramStatus \{([^}]*)\}/)).output.1
        #expect(
            Set(body.matches(of: /(?m)^  ([a-z_]+):/).map { String($0.output.1) }) == Set(promised.keys))
        #expect(body.contains("webhooks?:") && promised["webhooks"] == nil)
    }
}
