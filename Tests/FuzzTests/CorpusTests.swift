// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What the fuzzers begin with, and what they found once, in every run of the tests and without a fuzzer.
@Suite struct CorpusTests {
    @Test("every parser keeps its promises for every file of its corpus", arguments: Property.all)
    func promises(property: Property) throws {
        var taken = 0
        let files = try Corpus.files(property.name)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            do throws(Broken) {
                if try property.holds(for: bytes) { taken += 1 }
            } catch {
                Issue.record("\(file.lastPathComponent): \(error)")
            }
        }
        // A corpus of one side would not notice a parser that is always of that opinion.
        #expect(taken >= 5 && files.count - taken >= 5, "\(taken) of \(files.count) are taken")
    }
}

extension Property: CustomTestStringConvertible {
    var testDescription: String { name }
}
