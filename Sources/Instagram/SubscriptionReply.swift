// SPDX-License-Identifier: MIT
import FoundationEssentials

/// What `GET .../subscribed_apps` gives: `{"data": [{"id": "...", "subscribed_fields": [...]}]}`, an element for each
/// app. Only the keys of that are documented, and of those only their names.
struct SubscriptionReply: Decodable {
    private let apps: [SubscribedApp]

    private enum Key: String, CodingKey {
        case data
    }

    init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Key.self)
        // Without `data` nothing is known, which is not the same as nothing subscribed.
        apps =
            if let list = try? outer.decode([Lenient<SubscribedApp>].self, forKey: .data) {
                list.compactMap(\.value)
            } else {
                [try outer.decode(SubscribedApp.self, forKey: .data)]
            }
    }

    /// Those of the app; of all elements where none says whose it is.
    func fields(of appID: String) -> [String] {
        let own = apps.allSatisfy { $0.id == nil } ? apps : apps.filter { $0.id == appID }
        var fields: [String] = []
        for field in own.flatMap(\.fields) where !fields.contains(field) { fields.append(field) }
        return fields
    }
}

/// An app in the list: whose it is, and what it hears of.
private struct SubscribedApp: Decodable {
    let id: String?
    let fields: [String]

    private enum Key: String, CodingKey {
        case id
        case fields = "subscribed_fields"
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        id =
            (try? object.decode(InstagramID.self, forKey: .id))?.digits
            ?? (try? object.decode(String.self, forKey: .id))
        let listed = try? object.decode([Lenient<Field>].self, forKey: .fields).compactMap(\.value?.name)
        let text = try? object.decode(String.self, forKey: .fields)
        let names = listed ?? text?.split { $0 == "," || $0 == " " }.map(String.init) ?? []
        fields = Array(names.filter(Field.isName).prefix(100))
    }

    /// `"messages"` or `{"name": "messages"}`.
    private struct Field: Decodable {
        let name: String

        private enum Key: CodingKey {
            case name
        }

        init(from decoder: any Decoder) throws {
            name =
                if let text = try? decoder.singleValueContainer().decode(String.self) {
                    text
                } else {
                    try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .name)
                }
        }

        /// It goes back to Instagram in a list with commas, and into the journal.
        static func isName(_ text: String) -> Bool {
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }
}

/// What `POST` and `DELETE .../subscribed_apps` give: `{"success": true}`, and anything else is not it.
struct SubscribeReply: Decodable {
    private enum Key: CodingKey {
        case success
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        guard try object.decode(Bool.self, forKey: .success) else {
            throw DecodingError.dataCorruptedError(forKey: .success, in: object, debugDescription: "no success")
        }
    }
}

/// An element of a list that does not spoil the others.
private struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}
