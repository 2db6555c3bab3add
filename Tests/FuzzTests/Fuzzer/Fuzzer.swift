// SPDX-License-Identifier: MIT
import Glibc

// What libFuzzer calls. Which parser is its target, FUZZ_TARGET says. A broken promise is a crash to it.

private let target: Property = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let property = Property.all.first(where: { $0.name == name }) else {
        fatalError("FUZZ_TARGET is none of \(Property.all.map(\.name))")
    }
    return property
}()

@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    do throws(Broken) {
        _ = try target.holds(UnsafeRawBufferPointer(start: start, count: count))
    } catch {
        fatalError("\(target.name): \(error)")
    }
    return 0
}
