// SPDX-License-Identifier: MIT
import Instagram
import Testing

/// The table of errors as data: Replies/errors.tsv.
@Suite struct ErrorLinesTests {
    @Test("every error means what its line says, at each call that it is given for", arguments: ErrorLine.all)
    func meaning(line: ErrorLine) async {
        for call in line.calls {
            #expect(await Answering(line.reply).verdict(of: call) == line.verdict, "\(call)")
        }
    }

    @Test("nothing of the moment disconnects: it is never dead, a checkpoint, a missing permission or not eligible")
    func nothingOfTheMoment() async {
        let passing = ErrorLine.all.filter(\.isOfTheMoment)
        for line in passing {
            for call in line.calls {
                let verdict = await Answering(line.reply).verdict(of: call)
                #expect(verdict.map { !$0.disconnects && $0 != .refused && $0 != .misconfigured } == true, "\(line)")
            }
        }
        #expect(passing.count >= 60)
    }

    @Test("what says of itself that it will pass is of the moment, whatever else the line claims")
    func transient() {
        for line in ErrorLine.all where line.body.contains(#""is_transient":true"#) {
            #expect(line.isOfTheMoment, "\(line)")
        }
    }

    @Test("the table has a hundred bodies and more, each verdict, and each mark of evidence")
    func breadth() {
        let lines = ErrorLine.all
        #expect(Set(lines.map { Array($0.body.utf8) }).count >= 140)
        let verdicts = Set(lines.map { "\($0.verdict)".prefix { $0 != "(" } })
        #expect(verdicts.count == 11, "all that there are")
        #expect(Set(lines.map(\.mark)) == ["M", "MC", "F", "T", "NV", "own"])
        let calls = Set(lines.flatMap(\.calls))
        #expect(calls == Set(Call.Name.allCases))
    }
}
