// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing

@testable import Connect

@Suite struct ConnectScriptTests {
    @Test("the element is served as a script, under 8 KB, to whoever asks")
    func served() async throws {
        let answer = await (try Shop()).answer(.making(.get, Route.connectScript))
        #expect(answer.status == .ok && answer.contentType == "text/javascript; charset=utf-8")
        #expect(answer.body.count < 8_192)
        #expect(answer.text.contains("customElements.define"))
        #expect(answer.fields[values: .setCookie].isEmpty)
    }

    @Test("it names nothing outside of this origin, and never reads text as markup or code")
    func nothingExternal() async throws {
        let text = await (try Shop()).answer(.making(.get, Route.connectScript)).text
        for word in ["http:", "https:", "import", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "Function("]
        {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test(
        "each code that a browser can meet has its place in it, and so has each reason",
        arguments: ErrorCode.allCases.map(\.publicCode).filter {
            !["unauthorized", "reconnect_required", "gone", "token_refused"].contains($0)
        }
            + Loss.allCases.map(\.rawValue) + ["key_missing"])
    func words(word: String) async throws {
        let text = await (try Shop()).answer(.making(.get, Route.connectScript)).text
        #expect(text.split { !$0.isLetter && $0 != "_" }.contains(Substring(word)))
    }
}
