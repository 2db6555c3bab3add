// SPDX-License-Identifier: MIT
import Foundation
import Instagram
import Logging
import Testing

@testable import ig_shop_auth

@Suite("The list of settings")
struct SettingTests {
    private static let shipped: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return (try? String(contentsOf: url.appending(path: "systemd/ig-shop-auth.env"), encoding: .utf8)) ?? ""
    }()

    @Test("The shipped file is the list: every setting with its default, none of them set, no secret's line")
    func file() throws {
        #expect(
            Self.shipped == Setting.shippedFile, "the test's failure shows what to write to systemd/ig-shop-auth.env")
        #expect(try EnvironmentFile(parsing: Array(Self.shipped.utf8)).values.isEmpty)
        let lines = Self.shipped.split(separator: "\n").filter { $0.wholeMatch(of: /#[A-Z_]+=.*/) != nil }
        let values = try EnvironmentFile(parsing: Array(lines.map { $0.dropFirst() }.joined(separator: "\n").utf8))
            .values
        #expect(
            values
                == Dictionary(
                    uniqueKeysWithValues: Setting.allCases.filter { $0.credential == nil }.map {
                        ($0.name, $0.standard ?? "")
                    }))
        for setting in Setting.allCases {
            #expect(Self.shipped.contains(setting.name) && !setting.explanation.contains("\n"))
        }
        #expect(Self.shipped.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test("Each is read: a value that fits none is a fault of it", arguments: Setting.allCases)
    func isRead(_ setting: Setting) async {
        let identity = setting == .identity ? [:] : ["IG_SHOP_AUTH_IDENTITY": "remote-user"]
        var values = SettingsTests.good.merging(identity) { $1 }
        values[Setting.edge.name] = String(repeating: "A", count: 43)
        values[setting.name] = "\u{1} no \u{1}"
        let sources = try? await SettingSources(environment: values, layout: .machine)
        #expect(sources.map { SettingsReader.look($0).faults.map(\.name) } == [setting.name])
    }

    @Test("What counts without a setting is what the list says")
    func standards() async throws {
        let explicit = Dictionary(
            uniqueKeysWithValues: Setting.allCases.compactMap { setting in setting.standard.map { (setting.name, $0) } }
        )
        let without = try await SettingsReader.read(environment: SettingsTests.good)
        let with = try await SettingsReader.read(environment: SettingsTests.good.merging(explicit) { $1 })
        #expect("\(with)" == "\(without)")
        #expect(with.app.scopes == without.app.scopes && with.app.hosts.www == without.app.hosts.www)
        #expect(with.databasePath == without.databasePath && with.logLevel == without.logLevel)
    }
}
