// SPDX-License-Identifier: MIT
import Testing

/// The program is down: nginx answers alone, in our shape.
@Suite(.serialized, .stage)
struct OutageTests {
    private let stage = Stage.current!

    @Test("With the program down every route is a 502 in our shape, as JSON and as a page, and then it works again")
    func down() async throws {
        let browser = Browser()
        let callback = try await stage.consented(browser)
        await stage.responder?.killed()
        for url in [stage.start, callback.request, stage.status] {
            let answer = try await browser.fetch(url)
            #expect([502, 503].contains(answer.status))
            #expect(answer.error?.status == "error")
            #expect(answer.header("cache-control") == "no-store")
            #expect(answer.header("x-content-type-options") == "nosniff")
            #expect(answer.header("referrer-policy") == "no-referrer")
        }
        let page = try await browser.open(callback.request, by: .page(callback))
        #expect([502, 503].contains(page.status))
        #expect(page.response.header("content-type") == "text/html; charset=utf-8")
        #expect(page.response.header("referrer-policy") == "same-origin")
        #expect(page.text.contains("href=\"/auth/instagram/settings\""))
        #expect(try !page.text.contains(callback.value(of: "code")))
        #expect(!page.text.contains("nginx"))

        let post = try await HTTPClient.shared.send(
            .post, stage.start, headers: [(name: "Sec-Fetch-Site", value: "same-origin")])
        #expect(post.error != nil)

        try stage.startResponder()
        try await stage.ready()
        #expect(try await browser.fetch(callback.request).status == 200, "nothing was spent meanwhile")
    }
}
