// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `GET /vNN.N/me`, of Basic Display `GET /me` (contract 7.5): the fields that were asked for, in their order.
    func readProfile(_ call: Call) -> GatewayResponse {
        graph { () throws(GraphError) in
            guard call.method == .get else { throw .unsupported(call.method, trace: "A1") }
            let account = try caller(call, needs: Permission.profile(of: switches.product)).account
            var profile: [(String, JSON)] = []
            for field in (call.query["fields"] ?? "id").split(separator: ",").map(String.init)
            where !switches.meOmits.contains(field) && !profile.contains(where: { $0.0 == field }) {
                guard let value = account.value(of: field, switches),
                    switches.product == .instagramLogin || Self.basicDisplayFields.contains(field)
                else { throw .noSuchField(field) }
                profile.append((field, value))
            }
            return switches.meShape == .flat ? .object(profile) : ["data": [.object(profile)]]
        }
    }

    private static let basicDisplayFields: Set = ["id", "username", "account_type", "media_count"]
}

extension Account {
    fileprivate func value(of field: String, _ switches: Switches) -> JSON? {
        switch field {
        case "id": id(appScopedID, switches)
        case "user_id": id(igID, switches)
        case "username": .string(username)
        case "name": .string(name)
        case "account_type": .string(switches.accountTypeCase == .upper ? type : titleCaseType)
        case "profile_picture_url": "https://scontent.cdninstagram.com/x.jpg"
        case "followers_count": 128
        case "follows_count": 64
        case "media_count": 3
        default: nil
        }
    }

    private func id(_ digits: String, _ switches: Switches) -> JSON {
        switches.userID == .number ? .number(digits) : .string(digits)
    }

    /// `Media_Creator`, as Meta's page prints it.
    private var titleCaseType: String {
        type.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined(separator: "_")
    }
}
