import Testing

@testable import BatutaTools

@Suite struct `Readable text of pages` {
    @Test(arguments: [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("a <b>bold</b>\n  word", "a bold word"),
        ("<script>if (a < b) { alert('</p>') }</script>after", "after"),
        ("<STYLE>p{}</STYLE >x", "x"),
        ("x<!-- <p>hidden</p> -->y", "xy"),
        ("Tom &amp; Jerry &lt;3 &#233;&#x1F600; &nope; &", "Tom & Jerry <3 é😀 &nope; &"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        (#"<a title="a > b">link</a>"#, "link"),
        ("<td>1</td><td>2</td>", "1 2"),
        ("line<br>next<br/>third", "line\nnext\nthird"),
        ("<p>unclosed <b", "unclosed"),
        ("<script>never closed", ""),
        ("ação&nbsp;já", "ação já"),
    ]) func `tags go, text and its lines stay`(html: String, text: String) {
        #expect(ReadableText.of(Array(html.utf8)).text == text)
    }

    @Test func `the title is kept apart`() {
        let page = ReadableText.of(Array("<html><head><title> A &amp; B </title></head><body><h1>Hi</h1></body>".utf8))
        #expect(page.title == "A & B")
        #expect(page.text == "Hi")
    }

    @Test(arguments: ["<", "&", "</", "<!", "<!--", "<a b='", "&#", "&#xFFFFFFFF;", "<title>", "</title>", "</title></title><title>"])
    func `broken markup ends without harm`(html: String) {
        #expect(ReadableText.of(Array(html.utf8)).text.utf8.count <= html.utf8.count)
    }
}
