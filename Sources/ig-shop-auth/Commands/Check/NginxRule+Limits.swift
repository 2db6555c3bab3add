// SPDX-License-Identifier: MIT

/// The program takes a request only as a whole, up to 64 KiB.
extension NginxRule {
    static let limits: [NginxRule] = [
        everywhere("a body is at most 16 KiB") { place in
            let bytes = NginxUnits.bytes(place.value("client_max_body_size") ?? "1m") ?? 0
            guard bytes == 0 || bytes > 16_384 else { return [] }
            return [
                NginxFault(
                    place.line("client_max_body_size"), "bodies may be larger than the 16 KiB that this program takes",
                    "client_max_body_size 16k")
            ]
        },
        everywhere("a request comes whole") { place in
            guard place.value("fastcgi_request_buffering") == "off" else { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_request_buffering"),
                    "requests arrive in parts, and this program waits 5 s for them",
                    "fastcgi_request_buffering on")
            ]
        },
        everywhere("nginx gives up before systemd does") { place in
            let seconds = NginxUnits.seconds(place.effective("fastcgi_read_timeout").first?.arguments.joined() ?? "60s")
            guard let seconds, seconds >= NginxNeeds.stopSeconds else { return [] }
            return [
                NginxFault(
                    place.line("fastcgi_read_timeout"),
                    "nginx waits \(seconds) s, and a program that hangs is killed after \(NginxNeeds.stopSeconds) s, "
                        + "so that a visitor gets its end and no answer",
                    "fastcgi_read_timeout 60s")
            ]
        },
        NginxRule(name: "one name answers") { site, needs in
            guard let host = needs.publicHost else { return [] }
            // Only where nginx hears the public name itself: behind another proxy it may hear any.
            guard site.servers.contains(where: { !$0.publicOnes.isEmpty && $0.names.contains(host) }) else { return [] }
            return site.servers.filter { !$0.publicOnes.isEmpty }.flatMap { server in
                server.place.own("server_name").flatMap { line in
                    line.arguments.filter { $0.lowercased() != host && isOutside($0) }.map { name in
                        NginxFault(
                            line,
                            "nobody can connect at \(name): the cookie of that name does not reach \(host)",
                            "redirect it in a server of its own, as sites-available/ig-shop-auth.conf does")
                    }
                }
            }
        },
        NginxRule(name: "header lines fit") { site, _ in
            site.servers.filter { !$0.ours.isEmpty }.flatMap { server -> [NginxFault] in
                let words = server.place.effective("large_client_header_buffers").first?.words ?? ["", "4", "8k"]
                guard words.count > 2, let count = Int(words[1]), let bytes = NginxUnits.bytes(words[2]),
                    !count.multipliedReportingOverflow(by: bytes).overflow, count * bytes <= 32_768
                else {
                    return [
                        NginxFault(
                            server.place.line("large_client_header_buffers"),
                            "header lines may be larger than this program takes",
                            "large_client_header_buffers 4 8k, which is the default")
                    ]
                }
                return []
            }
        },
    ]

    /// A name by which visitors come, or a pattern of such: neither an address nor one of this machine or network.
    private static func isOutside(_ name: String) -> Bool {
        if name.hasPrefix("~") { return true }
        let labels = name.lowercased().split(separator: ".")
        guard labels.count > 1, let last = labels.last, !last.allSatisfy(\.isNumber) else { return false }
        return !["local", "internal", "lan", "localhost", "test"].contains(last) && !name.contains(":")
    }
}

/// Sizes and times as nginx writes them.
enum NginxUnits {
    /// `16k`, `1m`, `1g`, or bytes.
    static func bytes(_ text: String) -> Int? {
        let factor = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30][text.last.map { $0.lowercased() } ?? ""]
        guard let number = Int(factor == nil ? text : String(text.dropLast())) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor ?? 1)
        return overflow ? nil : bytes
    }

    /// `60`, `60s`, `1m`, `1m30s`, `500ms`.
    static func seconds(_ text: String) -> Double? {
        let units = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "": 1]
        var rest = Substring(text.filter { $0 != " " })
        var seconds = 0.0
        repeat {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let number = Double(digits), let factor = units[unit.lowercased()] else { return nil }
            seconds += number * factor
        } while !rest.isEmpty
        return seconds
    }
}
