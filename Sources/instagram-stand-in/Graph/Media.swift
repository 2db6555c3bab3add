// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// `GET /vNN.N/{IG_ID}/media` (contract 7.6): two pages, whatever the limit.
    func media(_ call: Call) -> GatewayResponse {
        graph { () throws(GraphError) in
            guard call.method == .get else { throw .unsupported(call.method, trace: "A1") }
            let (token, account) = try caller(call, needs: Permission.basic)
            let asked = Set((call.query["fields"] ?? "id").split(separator: ",").map(String.init))
            let isLast = call.query["after"] == Self.after
            let items = (isLast ? Self.lastPage : Self.firstPage).map { item in
                JSON.object(item.filter { asked.contains($0.0) || $0.0 == "id" })
            }
            if isLast { return ["data": .array(items), "paging": ["cursors": ["before": "QVFI3", "after": "QVFI4"]]] }
            let next =
                "https://graph.instagram.com/\(call.path[0])/\(account.igID)/media"
                + "?access_token=\(token)&limit=2&after=\(Self.after)"
            return [
                "data": .array(items),
                "paging": ["cursors": ["before": "QVFI1", "after": .string(Self.after)], "next": .string(next)],
            ]
        }
    }

    private static let after = "QVFI2"
    private static let firstPage: [[(String, JSON)]] = [
        [
            ("id", "17918195224117851"), ("caption", "Blue mug"), ("media_type", "IMAGE"),
            ("media_url", "https://scontent.cdninstagram.com/1.jpg"),
            ("permalink", "https://www.instagram.com/p/AAA/"), ("timestamp", "2026-09-28T17:05:11+0000"),
        ],
        [
            ("id", "17895695668004550"), ("media_type", "CAROUSEL_ALBUM"),
            ("permalink", "https://www.instagram.com/p/BBB/"), ("timestamp", "2026-09-20T09:00:00+0000"),
        ],
    ]
    private static let lastPage: [[(String, JSON)]] = [
        [
            ("id", "17880997618081623"), ("caption", "Green bowl"), ("media_type", "IMAGE"),
            ("media_url", "https://scontent.cdninstagram.com/3.jpg"),
            ("permalink", "https://www.instagram.com/p/CCC/"), ("timestamp", "2026-09-11T08:30:00+0000"),
        ]
    ]
}
