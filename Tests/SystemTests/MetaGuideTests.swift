// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Connect

/// docs/meta.md against the program: what it quotes of it is there.
@Suite
struct MetaGuideTests {
    private let guide: String

    init() throws {
        guide = try String(contentsOfFile: Programs.repository + "/docs/meta.md", encoding: .utf8)
    }

    @Test("Each line of check that the guide sends people to is one that check prints")
    func lines() async throws {
        let named = Set(guide.matches(of: /`check`: `([^`]+)`/).map { String($0.1) })
        #expect(named.count > 8)
        try await Stage.run(Stage.Options(settings: ["META_EXTRA_SECRETS": "another_secret"])) { stage in
            let configuration = stage.directory + "/nginx/nginx.conf"
            let said = try await Command.run(
                "/bin/sh",
                [
                    "-c",
                    "\(Programs.nginx) -T -q -e stderr -c \(configuration) | \(Programs.shopAuth) check --nginx -",
                ], environment: stage.environment)
            for name in named { #expect(said.output.contains("ok     \(name): "), "\(name)") }
        }
    }

    @Test("Each code and each address in it is the program's")
    func words() {
        let codes = guide.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains(" | ") }
            .flatMap { $0.split(separator: "|")[0].matches(of: /`([a-z_]+)`/).map { String($0.1) } }
        let reasons = Set(Loss.allCases.map(\.rawValue))
        let permissions: Set = ["instagram_business_basic", "instagram_business_manage_messages"]
        #expect(codes.count > 10)
        for code in codes where !permissions.contains(code) {
            #expect(ErrorCode(publicCode: code) != nil || reasons.contains(code), "\(code)")
        }
        let addresses = guide.matches(of: /`https:\/\/shop\.example\.com([^`]+)`/).map { String($0.1) }
        #expect(Set(addresses).count == 4)
        for address in addresses { #expect(Endpoint(rawValue: address) != nil, "\(address)") }
    }
}
