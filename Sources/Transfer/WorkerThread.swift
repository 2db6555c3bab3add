// SPDX-License-Identifier: MIT
import CCurl
import Glibc

/// A thread with a body and a name. Join it once.
struct WorkerThread: Sendable {
    private let handle: pthread_t

    static func start(name: String, body: @escaping @Sendable () -> Void) throws(TransferUnavailable) -> WorkerThread {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let code = pthread_create(&handle, nil, main, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw TransferUnavailable(call: "pthread_create", code: code)
        }
        return WorkerThread(handle: handle)
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        ccurl_thread_settle(start.name)
        start.body()
        return nil
    }

    func join() {
        pthread_join(handle, nil)
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
