// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Yams

/// What the compiler promises to whoever starts from Examples/react.
@Suite
struct ReactTypeTests {
    @Test("The example passes its own type check")
    func check() async throws {
        let command = try await ReactProject().run("check")
        #expect(command.end == .exit(0), "\(command.output)")
    }

    @Test("A wrong use does not pass, each for its own reason")
    func wrongUses() async throws {
        let project = try ReactProject()
        let uses: [(line: String, error: String)] = [
            ("getInstagramStatus().then(({ state }) => state === 'conected');", "TS2367"),
            ("getInstagramStatus().then(({ access_token }) => access_token);", "TS2339"),
            ("handleInstagramCallback('code');", "TS2554"),
            ("getInstagramAuthUrl({ returnTo: 5 });", "TS2322"),
            ("getInstagramAuthUrl().then((url) => location.assign(url));", "TS2345"),
            ("new InstagramError('acces_denied');", "TS2345"),
            ("const id: number | null = (await getInstagramStatus()).instagram_user_id;", "TS2322"),
            ("const sentences: typeof errorSentences = { access_denied: 'No.' };", "TS2740"),
        ]
        let head = """
            import { getInstagramAuthUrl, getInstagramStatus, handleInstagramCallback, InstagramError } from './apiService';
            import { errorSentences } from './sentences';
            export async function wrong() {

            """
        try project.write(head + uses.map { $0.line + "\n" }.joined() + "}\n", to: "wrong.ts")
        let command = try await project.run("check")
        #expect(command.end != .exit(0))
        for (index, use) in uses.enumerated() {
            let said = command.output.split(separator: "\n").filter { $0.hasPrefix("wrong.ts(\(index + 4),") }
            #expect(said.contains { $0.contains(": error \(use.error): ") }, "\(use.line) \(said)")
        }
    }

    @Test("apiService.ts knows each error, state and reason of openapi.yaml, and each field of the status")
    func openAPI() throws {
        let text = try String(contentsOfFile: Programs.repository + "/Sources/Connect/openapi.yaml", encoding: .utf8)
        let document = try Yams.load(yaml: text) as? [String: Any]
        let components = document?["components"] as? [String: Any]
        let schemas = try #require(components?["schemas"] as? [String: [String: Any]])
        func properties(_ schema: String) -> [String: [String: Any]] {
            (schemas[schema]?["properties"] as? [String: Any] ?? [:]).mapValues { $0 as? [String: Any] ?? [:] }
        }
        func list(_ schema: String, _ property: String) -> [String] {
            (properties(schema)[property]?["enum"] as? [Any] ?? []).compactMap { $0 as? String }
        }
        let service = try ReactProject().text("apiService.ts")
        func words(after begin: String, to end: String) throws -> [String] {
            let from = try #require(service.range(of: begin)?.upperBound)
            let to = try #require(service.range(of: end, range: from..<service.endIndex)?.lowerBound)
            return service[from..<to].matches(of: /'([a-z_]+)'/).map { String($0.output.1) }
        }
        #expect(try words(after: "instagramErrorCodes = [", to: "]") == list("Error", "error"))
        #expect(try words(after: "type InstagramState =", to: ";") == list("Status", "state"))
        #expect(try words(after: "type InstagramReason =", to: ";") == list("Status", "reason"))
        let fields = try #require(service.firstMatch(of: /interface InstagramStatus \{([^}]*)\}/)).output.1
        #expect(
            Set(fields.matches(of: /(?m)^  ([a-z_]+):/).map { String($0.output.1) }) == Set(properties("Status").keys))
    }
}
