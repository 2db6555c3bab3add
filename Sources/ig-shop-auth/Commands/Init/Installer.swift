// SPDX-License-Identifier: MIT
import Glibc
import Vault

/// Makes what is missing of a service's places, and takes away rights that nobody should have. Nothing that is there is
/// written to, and no right is given.
struct Installer {
    let account: ServiceAccount
    /// What was done, a line each.
    private(set) var lines: [String] = []
    /// What a person has to do, a line each.
    private(set) var open: [String] = []

    init(_ account: ServiceAccount) {
        self.account = account
    }

    /// - Returns: It is there.
    @discardableResult
    mutating func directory(_ place: Place) -> Bool {
        make(place) { [account] () throws(SmallFile.Failure) in
            guard mkdir(place.path, 0o700) == 0 else { throw SmallFile.Failure(code: errno) }
            let descriptor = Glibc.open(place.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { throw SmallFile.Failure(code: errno) }
            defer { close(descriptor) }
            try Self.own(descriptor, place.user(account), place.group(account), place.mode)
        }
    }

    /// Whole or not at all: under a name of its own first, then under the one that nobody may have taken meanwhile.
    @discardableResult
    mutating func file(_ place: Place, _ text: () -> String) -> Bool {
        make(place) { [account] () throws(SmallFile.Failure) in
            let parent = SafeDirectory.parent(of: place.path)
            let draft = "\(parent)/.ig-shop-auth.\(Base64URL.encode(Randomness.system.bytes(12)))"
            let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SmallFile.Failure(code: errno) }
            defer {
                unlink(draft)
                close(descriptor)
            }
            try Self.write(Array(text().utf8), descriptor)
            try Self.own(descriptor, place.user(account), place.group(account), place.mode)
            guard fsync(descriptor) == 0, link(draft, place.path) == 0 else { throw SmallFile.Failure(code: errno) }
            let folder = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(folder) }
            guard fsync(folder) == 0 else { throw SmallFile.Failure(code: errno) }
        }
    }

    /// Looks after one that nobody makes here.
    mutating func tighten(_ place: Place) {
        switch PlaceState.look(at: place) {
        case .absent: break
        case .other: said(place, "is not \(place.kind == .file ? "an ordinary file" : "a directory"); replace it")
        case .unknown(let why): said(place, why)
        case .there: keep(place)
        }
    }

    private mutating func said(_ place: Place, _ what: String) {
        open.append("\(place.path) \(what)")
    }

    private mutating func make(_ place: Place, _ work: () throws(SmallFile.Failure) -> Void) -> Bool {
        guard case .absent = PlaceState.look(at: place) else {
            let count = open.count
            tighten(place)
            return open.count == count
        }
        if let fault = SafeDirectory.fault(SafeDirectory.parent(of: place.path)) {
            said(place, "is not made, because \(fault)")
            return false
        }
        do throws(SmallFile.Failure) {
            try work()
            lines.append("made       \(place.path)")
            return true
        } catch {
            said(place, "cannot be made: \(error.text)")
            return false
        }
    }

    /// Decided from what is open, and changed in that very one: the name may lead somewhere else by then.
    private mutating func keep(_ place: Place) {
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = Glibc.open(place.path, flags | (place.kind == .directory ? O_DIRECTORY : 0))
        guard descriptor >= 0 else { return said(place, "cannot be looked at: \(SmallFile.Failure(code: errno).text)") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == (place.kind == .file ? S_IFREG : S_IFDIR)
        else { return said(place, "is not \(place.kind == .file ? "an ordinary file" : "a directory"); replace it") }
        let state = PlaceState(status)
        let (user, group, mode) = state.tightened(to: place, account)
        if (user, group, mode) == (state.user, state.group, state.mode) {
            lines.append("kept       \(place.path)")
        } else if place.kind == .file, status.st_nlink > 1,
            SafeDirectory.fault(SafeDirectory.parent(of: place.path)) != nil
        {
            // Who may make links there may have made this one to a file that has to stay as it is.
            return said(
                place, "has a second name, and others than root may give one; replace it with a copy of its own")
        } else {
            do throws(SmallFile.Failure) {
                try Self.own(descriptor, user, group, mode)
                lines.append(
                    "tightened  \(place.path): from \(state.user):\(state.group) \(Place.octal(state.mode))"
                        + " to \(user):\(group) \(Place.octal(mode))")
            } catch {
                said(place, "is too open and cannot be changed: \(error.text)")
            }
        }
        if state.lacks(place, account) { open.append("\(place.remedy)") }
    }

    /// The mode last: a change of owner may take bits away.
    private static func own(
        _ descriptor: Int32, _ user: uid_t, _ group: gid_t, _ mode: mode_t
    ) throws(SmallFile.Failure) {
        // Before somebody else owns it: nobody gets more for a moment than in the end.
        guard fchmod(descriptor, mode & 0o700) == 0, fchown(descriptor, user, group) == 0, fchmod(descriptor, mode) == 0
        else { throw SmallFile.Failure(code: errno) }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: Int32) throws(SmallFile.Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SmallFile.Failure(code: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
