// SPDX-License-Identifier: MIT
import Glibc

/// What a place is like, seen without following a link.
struct PlaceState {
    enum Look {
        case absent
        /// A link, a pipe: something that is not looked into.
        case other
        case there(PlaceState)
        case unknown(String)
    }

    let user: uid_t
    let group: gid_t
    let mode: mode_t

    init(_ status: stat) {
        (user, group, mode) = (status.st_uid, status.st_gid, status.st_mode & 0o7777)
    }

    static func look(at place: Place) -> Look {
        var status = stat()
        guard lstat(place.path, &status) == 0 else {
            let failure = SmallFile.Failure(code: errno)
            return failure.isAbsence ? .absent : .unknown(failure.text)
        }
        guard status.st_mode & S_IFMT == (place.kind == .file ? S_IFREG : S_IFDIR) else { return .other }
        return .there(PlaceState(status))
    }

    /// What others may do with it who should not: a mode and owners that take that away, and nothing else.
    func tightened(to place: Place, _ account: ServiceAccount) -> (user: uid_t, group: gid_t, mode: mode_t) {
        let ours: [uid_t] = [0, account.user]
        let keepsUser = user == 0 || (ours.contains(user) && place.owner == .service)
        let ourGroups: [gid_t] = [0, account.group]
        let keepsGroup = group == 0 || (ourGroups.contains(group) && place.group == .service)
        return (
            keepsUser ? user : place.user(account), keepsGroup ? group : place.group(account),
            // Never more than there was: the set-id and sticky bits go as well.
            mode & place.mode
        )
    }

    /// The service, or whoever else has to, cannot do what it needs to. Giving rights is left to a person.
    func lacks(_ place: Place, _ account: ServiceAccount) -> Bool {
        let (user, group, mode) = tightened(to: place, account)
        // Root needs no bits.
        let needed = place.mode & (place.owner == .root ? 0o077 : 0o777)
        let isForeignGroup = place.mode & 0o070 != 0 && group != place.group(account) && place.group == .service
        return user != place.user(account) || isForeignGroup || needed & ~mode != 0
    }

    func isAsItHasToBe(_ place: Place, _ account: ServiceAccount) -> Bool {
        tightened(to: place, account) == (user, group, mode) && !lacks(place, account)
    }
}
