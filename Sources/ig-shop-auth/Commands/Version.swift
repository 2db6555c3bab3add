// SPDX-License-Identifier: MIT
import ArgumentParser

struct Version: ParsableCommand {
    static let number = "0.1.0"
    static let configuration = CommandConfiguration(abstract: "Prints the version.")

    func run() {
        print("ig-shop-auth \(Self.number)")
    }
}
