// SPDX-License-Identifier: MIT
import Foundation

/// What else there is to say about a page than what it says.
extension Chromium {
    /// axe-core, from the package that `.ci/install` puts below `.build`.
    private static let axe: String = {
        let library = Programs.repository + "/.build/tests-python/lib"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library)) ?? []
        let path = versions.first.map { "\(library)/\($0)/site-packages/axe_playwright_python/axe.min.js" }
        return path.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) } ?? ""
    }()

    /// The rules of axe-core that the page breaks, of WCAG 2.2 A and AA and the good practices, with the elements that
    /// break them.
    func barriers() async throws -> [String] {
        guard !Self.axe.isEmpty else { throw Missing("axe-core; see .ci/install --test") }
        _ = try await run(Self.axe + "\nreturn typeof axe")
        let found = try await runAsync(
            """
            const done = arguments[0]
            axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
              .then(({ violations, passes }) => done([passes.length, ...violations.map(
                ({ id, nodes }) => id + ': ' + nodes.map(node => node.html + ' ' + node.failureSummary).join(' | '))]),
                error => done([0, String(error)]))
            """)
        guard let found = found as? [Any], let passes = found.first as? Int else { throw Missing("axe's verdict") }
        // Who has looked at nothing has found nothing.
        return (passes < 10 ? ["axe looked at \(passes) rules only"] : []) + found.dropFirst().map { "\($0)" }
    }

    /// Whether a part of the page lies outside of the window's width, where nobody would look for it.
    func isWiderThanWindow() async throws -> Bool {
        try await run("return document.scrollingElement.scrollWidth > window.innerWidth") as? Bool ?? true
    }

    /// A picture of the whole page, kept below `.build/pictures` to be looked at.
    func keep(_ name: String) async throws {
        let directory = Programs.repository + "/.build/pictures"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let size = try await run(
            "return [innerWidth, innerHeight, document.scrollingElement.scrollHeight, devicePixelRatio]")
        guard let size = size as? [Double] else { throw Missing("the size of the page") }
        let (width, height, scale) = (Int(size[0]), Int(size[1]), size[3])
        // A window as high as the page: what is taken from beyond a window is cut where writing runs from the right.
        try await resize(width: width, height: max(height, Int(size[2])), scale: scale)
        let answer = try await developerTools("Page.captureScreenshot")
        try await resize(width: width, height: height, scale: scale)
        guard let text = (answer as? [String: Any])?["data"] as? String, let picture = Data(base64Encoded: text) else {
            throw Missing("a picture")
        }
        try picture.write(to: URL(fileURLWithPath: "\(directory)/\(name).png"))
    }
}
