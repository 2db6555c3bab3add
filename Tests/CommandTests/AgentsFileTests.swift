// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Testing
import Vault

@testable import ig_shop_auth

@Suite("AgentsFile")
struct AgentsFileTests {
    private let key = AgentKey.generate()
    private var line: String { Agents.line(name: "bot", key: key, users: "*") }

    @Test("Agents are read from a file of mode 0640 or tighter", arguments: [0o640, 0o600, 0o400, 0o440])
    func readable(_ mode: Int) throws {
        let directory = try TemporaryDirectory()
        let agents = try #require(try AgentsFile.load(directory.write("agents", "# ours\n\(line)\n", mode: mode)))
        #expect(agents.names == ["bot"])
        #expect(agents.agent(presenting: "Bearer \(key.exposedText())")?.name == "bot")
    }

    @Test(
        "A file that others can read, or the group can change, is refused, and its mode is told",
        arguments: [0o644, 0o660, 0o604, 0o650, 0o641])
    func tooOpen(_ mode: Int) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("agents", line, mode: mode)
        let fault = #expect(throws: AgentsFile.Fault.self) { try AgentsFile.load(file) }
        #expect(try #require(fault).lines == ["\(file) has mode \(String(mode, radix: 8)); chmod 0640 or tighter"])
    }

    @Test("Every fault is a line with its number, and no byte of what stands there is printed (checklist 34)")
    func faults() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("agents", "\(line)\nbot \(key.exposedText()) *\ncanary\n")
        let fault = try #require(#expect(throws: AgentsFile.Fault.self) { try AgentsFile.load(file) })
        let lines = fault.lines
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("\(file): line ") })
        #expect(!fault.description.contains(key.exposedText().dropFirst(5).prefix(8)))
        #expect(!fault.description.contains("canary"))
        #expect(Complaint(fault).lines == lines.map { "IG_SHOP_AUTH_AGENTS: \($0)" })
        #expect(Complaint(fault).exit == SysExit.configuration)
    }

    @Test("Where no file is there are no agents; a directory, a pipe and a device are faults")
    func noFile() throws {
        let directory = try TemporaryDirectory()
        #expect(try AgentsFile.load(directory.path + "/none") == nil)
        #expect(try AgentsFile.load(directory.write("agents", ""))?.names == [])
        let pipe = directory.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [directory.path, pipe, "/dev/null", "/dev/zero", directory.path + "/agents/below"] {
            #expect(throws: AgentsFile.Fault.self, "\(path)") { try AgentsFile.load(path) }
        }
    }

    @Test("One byte more than the largest file is a fault of the whole file")
    func tooLarge() throws {
        let directory = try TemporaryDirectory()
        let full = line + String(repeating: "\n", count: (1 << 20) - line.utf8.count)
        #expect(try AgentsFile.load(directory.write("agents", full))?.names == ["bot"])
        let file = try directory.write("agents", full + "\n")
        let fault = #expect(throws: AgentsFile.Fault.self) { try AgentsFile.load(file) }
        #expect(try #require(fault).lines == ["\(file): the file is larger than 1 MiB"])
    }
}
