// SPDX-License-Identifier: MIT
import Instagram
import Testing

@Suite struct SubscriptionTests {
    /// Ours is 990602627938098.
    @Test(
        "what is subscribed are the fields of this app, in whatever form they come",
        arguments: zip(
            [
                #"{"data":[{"id":"990602627938098","subscribed_fields":["messages","comments"]}]}"#,
                #"{"data":[{"id":990602627938098,"subscribed_fields":["messages","comments"]}]}"#,
                #"{"data":[{"id":"1","subscribed_fields":["x"]},{"id":"990602627938098","subscribed_fields":["messages"]}]}"#,
                #"{"data":[{"id":"1","subscribed_fields":["x"]}]}"#,
                #"{"data":[{"subscribed_fields":["x"]},{"id":"990602627938098","subscribed_fields":["messages"]}]}"#,
                #"{"data":[{"subscribed_fields":["messages"]},{"subscribed_fields":["comments","messages"]}]}"#,
                #"{"data":[{"id":null,"subscribed_fields":["messages"]}]}"#,
                #"{"data":[{"subscribed_fields":[{"name":"messages","version":"v25.0"},{"name":"comments"}]}]}"#,
                #"{"data":[{"subscribed_fields":["messages",{"name":"comments"},7,null,{},{"name":1},["x"]]}]}"#,
                #"{"data":[{"subscribed_fields":"messages,comments"}]}"#,
                #"{"data":[{"id":"990602627938098"}]}"#, #"{"data":[{"subscribed_fields":null}]}"#,
                #"{"data":[{}]}"#, #"{"data":[]}"#, #"{"data":[],"paging":{}}"#, #"{"data":[7,null,"x"]}"#,
                #"{"data":[7,{"subscribed_fields":["messages"]}]}"#, #"{"data":{"subscribed_fields":["messages"]}}"#,
                #"{"data":[{"id":"other app","subscribed_fields":["x"]}]}"#,
            ],
            [
                ["messages", "comments"], ["messages", "comments"], ["messages"], [], ["messages"],
                ["messages", "comments"], ["messages"], ["messages", "comments"], ["messages", "comments"],
                ["messages", "comments"], [], [], [], [], [], [], ["messages"], ["messages"], [],
            ]))
    func fields(body: String, fields: [String]) async throws {
        #expect(try await Answering(body).subscribedFields() == fields)
    }

    @Test(
        "an answer without a list says nothing: nobody is to conclude that nothing is subscribed",
        arguments: ["{}", #"{"data":null}"#, #"{"data":"messages"}"#, #"{"data":7}"#, #"{"success":true}"#])
    func nothingSaid(body: String) async {
        #expect(await Answering(body).verdict(of: .readSubscription) == .incomplete)
    }

    @Test("what cannot be a field's name is none, and their number has an end")
    func names() async throws {
        let odd = [
            #""a,b""#, #"" ""#, #""""#, #""a\n""#, #""é""#, #""a&b""#, "\"\(String(repeating: "a", count: 65))\"",
        ]
        let body = #"{"data":[{"subscribed_fields":[\#(odd.joined(separator: ",")),"message_reactions"]}]}"#
        #expect(try await Answering(body).subscribedFields() == ["message_reactions"])
        let many = (0..<1_000).map { "\"f\($0)\"" }.joined(separator: ",")
        #expect(try await Answering(#"{"data":[{"subscribed_fields":[\#(many)]}]}"#).subscribedFields().count == 100)
    }

    @Test("only a success that says so is one")
    func subscribe() async throws {
        try await Answering(#"{"success":true}"#).subscribe()
        try await Answering(201, #"{"success":true,"id":"1"}"#).subscribe()
        for body in [
            #"{"success":false}"#, "{}", #"{"success":null}"#, #"{"success":"no"}"#, #"{"data":[]}"#,
            #"{"success":[true]}"#,
        ] {
            #expect(await Answering(body).verdict(of: .subscribe) == .incomplete)
            #expect(await Answering(body).verdict(of: .unsubscribe) == .incomplete)
        }
        try await Answering(#"{"success":true}"#).unsubscribe()
        #expect(await Answering(400, #"{"success":true}"#).verdict(of: .subscribe) == .unknown)
        #expect(await Answering(#"{"success":false,"error":{"code":190}}"#).verdict(of: .subscribe) == .dead(.revoked))
    }
}
