// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335: `any` says where dynamic dispatch is paid
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: a C module stays behind its one target
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444: each file names what it uses
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461: an async call does not hop threads
]

let package = Package(
    name: "ig-shop-auth",
    products: [
        .executable(name: "ig-shop-auth", targets: ["ig-shop-auth"]),
        .executable(name: "instagram-stand-in", targets: ["instagram-stand-in"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),  // tests only: reads openapi.yaml
    ],
    targets: [
        // The borders. Each C library is imported by exactly one Swift target.
        .target(name: "CFastCGI", linkerSettings: [.linkedLibrary("fcgi")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("crypto")]),

        // The FastCGI edge: listening socket, screen, libfcgi, CGI variables to HTTP types.
        .target(
            name: "Gateway",
            dependencies: ["CFastCGI", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings),
        // Outbound HTTPS: deadlines, byte caps, one thread.
        .target(name: "Transfer", dependencies: ["CCurl", "Vault"], swiftSettings: settings),
        // Secrets that do not print, keyring, sealing, signed cookies.
        .target(name: "Vault", dependencies: ["COpenSSL"], swiftSettings: settings),
        // What Instagram says: URLs, replies, failures.
        .target(
            name: "Instagram",
            dependencies: ["Vault", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings),
        // What we do: routes, flow, store, pages.
        .target(
            name: "Connect",
            dependencies: [
                "Instagram", "Vault",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Element/make", "Element/source.js"],
            resources: [
                .embedInCode("openapi.yaml"), .embedInCode("Element/connect.js"), .embedInCode("Pages/page.css"),
                .embedInCode("Pages/page.js"),
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "ig-shop-auth",
            dependencies: [
                "Connect", "Gateway", "Transfer", "Instagram", "Vault",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        // Instagram for development and tests; in no package and not in `make install`.
        .executableTarget(
            name: "instagram-stand-in",
            dependencies: [
                "Gateway",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings),

        // Tests mirror targets; SystemTests runs the real programs behind the real nginx, in a real browser.
        .target(
            name: "TestSupport", dependencies: ["Vault"], path: "Tests/TestSupport", exclude: ["Payloads"],
            swiftSettings: settings),
        .testTarget(
            name: "GatewayTests",
            dependencies: ["Gateway", "TestSupport", .product(name: "HTTPTypes", package: "swift-http-types")],
            swiftSettings: settings),
        .testTarget(
            name: "TransferTests", dependencies: ["TestSupport", "Transfer", "Vault"], swiftSettings: settings),
        .testTarget(name: "VaultTests", dependencies: ["Vault"], exclude: ["Vectors"], swiftSettings: settings),
        .testTarget(
            name: "InstagramTests",
            dependencies: [
                "Instagram", "TestSupport", "Vault", .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            exclude: ["Replies"], swiftSettings: settings),
        .testTarget(
            name: "ConnectTests",
            dependencies: [
                "Connect", "Instagram", "TestSupport", "Vault",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "ig-shop-auth", "Connect", "Instagram", "TestSupport", "Transfer", "Vault",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "ig-shop-auth", "instagram-stand-in", "Connect", "Instagram", "TestSupport", "Transfer", "Vault",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Yams", package: "Yams"),
            ],
            exclude: [
                "Containers", "Hostile/tls-front.py", "Machine/instagram.conf", "Machine/next-version",
                "Machine/probe.c",
                "Machine/secluded", "Metrics", "Shims", "Support/requirements.txt",
            ], swiftSettings: settings),
    ]
)

// The corpora are tests like others. The fuzzers that grow them need clang's runtime and a build of their own
// (Tests/FuzzTests/run), so nobody else's build knows of them.
let fuzzed: [Target.Dependency] = [
    "Connect", "Gateway", "Instagram", "TestSupport", "Vault", .product(name: "HTTPTypes", package: "swift-http-types"),
]
package.targets.append(
    Context.environment["FUZZ"] == nil
        ? .testTarget(
            name: "FuzzTests", dependencies: fuzzed, exclude: ["Corpus", "Fuzzer", "run"], swiftSettings: settings)
        : .executableTarget(
            name: "fuzzer", dependencies: fuzzed, path: "Tests/FuzzTests",
            exclude: ["Corpus", "Corpus.swift", "CorpusTests.swift", "run"],
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
