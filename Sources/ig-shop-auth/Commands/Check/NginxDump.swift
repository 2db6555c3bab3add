// SPDX-License-Identifier: MIT
import Glibc

/// A directive with its words, and with its block if it has one. The words are never empty.
struct NginxDirective: Sendable {
    let words: [String]
    let block: [NginxDirective]?
    let file: String
    let line: Int

    var name: String { words[0] }
    var arguments: ArraySlice<String> { words.dropFirst() }
}

/// What `nginx -T` prints: the main file and every included one, each below a header with its path.
struct NginxDump {
    enum Fault: Error, Equatable, CustomStringConvertible {
        case noFiles
        case missing(String)
        case unreadable(String, line: Int)
        case tooDeep(String)

        var description: String {
            switch self {
            case .noFiles: "this is not what `nginx -T` prints"
            case .missing(let path): "\(path) is included and not among what `nginx -T` printed"
            case .unreadable(let path, let line): "\(path):\(line): cannot be read as nginx's language"
            case .tooDeep(let path): "\(path): blocks or includes nest too deeply"
            }
        }
    }

    /// Of the main file, with what it includes in the place of each `include`.
    let directives: [NginxDirective]

    init(_ text: String) throws(Fault) {
        let files = Self.files(text)
        guard let main = files.first else { throw .noFiles }
        let folder = String(main.path[..<(main.path.lastIndex(of: "/") ?? main.path.startIndex)])
        var reader = Reader(folder: folder, paths: files.map(\.path))
        for (path, text) in files { reader.parsed[path] = try Self.parse(text, path) }
        directives = try reader.expanded(reader.parsed[main.path] ?? [], depth: 0)
    }

    private static func files(_ text: String) -> [(path: String, text: String)] {
        var files: [(path: String, lines: [Substring])] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# configuration file "), line.hasSuffix(":") {
                files.append((String(line.dropFirst("# configuration file ".count).dropLast()), []))
            } else if !files.isEmpty {
                files[files.count - 1].lines.append(line)
            }
        }
        return files.map { ($0.path, $0.lines.joined(separator: "\n")) }
    }

    private static func parse(_ text: String, _ path: String) throws(Fault) -> [NginxDirective] {
        var lexer = NginxLexer(text)
        do {
            return try block(&lexer, path, depth: 0)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw .unreadable(path, line: (error as? NginxLexer.Unfinished)?.line ?? lexer.line)
        }
    }

    private static func block(
        _ lexer: inout NginxLexer, _ path: String, depth: Int
    ) throws -> [NginxDirective] {
        guard depth < 64 else { throw Fault.tooDeep(path) }
        var directives: [NginxDirective] = []
        var words: [String] = []
        var start = 1
        while let (token, line) = try lexer.next() {
            switch token {
            case .word(let word):
                if words.isEmpty { start = line }
                words.append(word)
            case .semicolon:
                guard !words.isEmpty else { throw Fault.unreadable(path, line: line) }
                directives.append(NginxDirective(words: words, block: nil, file: path, line: start))
                words = []
            case .open:
                guard let name = words.first else { throw Fault.unreadable(path, line: line) }
                var inner: [NginxDirective] = []
                if name.hasSuffix("_by_lua_block") {
                    lexer.skipBlock()
                } else {
                    inner = try block(&lexer, path, depth: depth + 1)
                }
                directives.append(NginxDirective(words: words, block: inner, file: path, line: start))
                words = []
            case .close:
                guard depth > 0, words.isEmpty else { throw Fault.unreadable(path, line: line) }
                return directives
            }
        }
        guard depth == 0, words.isEmpty else { throw Fault.unreadable(path, line: lexer.line) }
        return directives
    }

    /// Puts included files in the place of `include`, in the order of glob(3).
    private struct Reader {
        let folder: String
        let paths: [String]
        var parsed: [String: [NginxDirective]] = [:]

        func expanded(_ directives: [NginxDirective], depth: Int) throws(Fault) -> [NginxDirective] {
            var all: [NginxDirective] = []
            for directive in directives {
                if directive.name == "include", directive.block == nil, let pattern = directive.arguments.first {
                    guard depth < 32 else { throw .tooDeep(directive.file) }
                    for path in try matches(pattern) { all += try expanded(parsed[path] ?? [], depth: depth + 1) }
                } else if let block = directive.block {
                    all.append(
                        NginxDirective(
                            words: directive.words, block: try expanded(block, depth: depth), file: directive.file,
                            line: directive.line))
                } else {
                    all.append(directive)
                }
            }
            return all
        }

        private func matches(_ pattern: String) throws(Fault) -> [String] {
            let pattern = pattern.hasPrefix("/") ? pattern : "\(folder)/\(pattern)"
            if parsed[pattern] != nil { return [pattern] }
            guard pattern.contains(where: { "*?[".contains($0) }) else { throw .missing(pattern) }
            let found = paths.filter { fnmatch(pattern, $0, FNM_PATHNAME | FNM_PERIOD) == 0 }
            return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }
}
