// SPDX-License-Identifier: MIT
import Testing

/// A gateway and peers on a real socket. The parts are in the files beside this one. One after the other, because some
/// measure time.
@Suite("Gateway", .serialized, .ownThread, .timeLimit(.minutes(1)))
struct LiveGateway {}
