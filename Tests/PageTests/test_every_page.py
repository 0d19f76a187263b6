"""Every page in two themes, two widths and two languages: axe finds nothing, the console stays silent, nothing is wider than the screen."""
import pytest
from axe_playwright_python.sync_playwright import Axe
from chat import Chat
from playwright.sync_api import expect

PAGES = ["/", "/approvals", "/runs", "/usage", "/prompts", "/memory", "/settings/profile", "/settings/connections", "/settings/people",
         "/settings/keys", "/settings/models", "/settings/jobs", "/settings/appearance", "/login"]
OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}


def findings(page):
    results = Axe().run(page, options=OPTIONS).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in results for node in v["nodes"]]


def is_there(page):
    """The page has its heading, and everything that it waited for."""
    page.get_by_role("heading", level=1).wait_for()
    expect(page.locator(".skeleton, .opening")).to_have_count(0)


def is_too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("language", ["en-US", "pt-BR"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_s4_8_pages(contexts, hello, language, theme, width):
    page = contexts.page(hello.link, language=language, theme=theme, width=width)
    page.get_by_role("textbox").first.wait_for()
    for path in PAGES:
        page.goto(hello.address + path)
        is_there(page)
        assert findings(page) == [], path
        assert not is_too_wide(page), path
        assert page.evaluate("document.documentElement.lang") == ("pt-BR" if language == "pt-BR" else "en")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_full_conversation_and_its_run(contexts, live, model, theme, width):
    model.say("time", {"tool": "current_time", "arguments": {}, "then": "# Late\n\nIt is `late`.\n\n```sql\nselect 1\n```\n\n- one\n- two"})
    model.say("Pause", {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "Settled."})
    chat = Chat(contexts.page(live.link, theme=theme, width=width))
    chat.send("What time is it?")
    chat.sees("It is late")
    chat.is_at_rest()
    chat.send("Pause campaign 42")
    chat.sees("Nothing changes until you decide.")
    assert findings(chat.page) == []
    assert not is_too_wide(chat.page)
    for path in ["/approvals", "/runs"]:
        chat.page.goto(live.address + path)
        is_there(chat.page)
        assert findings(chat.page) == [], path
    chat.page.locator("a[href^='/runs/run_']").last.click()
    is_there(chat.page)
    assert findings(chat.page) == []
    assert not is_too_wide(chat.page)


@pytest.mark.parametrize("theme,width", [("light", 390), ("dark", 1440)])
def test_dialogs(contexts, hello, theme, width):
    page = contexts.page(hello.link, theme=theme, width=width)
    page.get_by_role("button", name="Connect a model").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="On the server's machine").click()
    dialog.locator("details").wait_for()
    assert findings(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    dialog.get_by_role("listbox").wait_for()
    assert findings(page) == []
    page.keyboard.press("Escape")
    for section, button in (("people", "Add a person"), ("keys", "New key"), ("models", "Add a secret")):
        page.goto(f"{hello.address}/settings/{section}")
        page.get_by_role("button", name=button).click()
        dialog.get_by_role("textbox").first.wait_for()
        assert findings(page) == [], section
        assert not is_too_wide(page), section


@pytest.mark.parametrize("theme,width", [("light", 390), ("dark", 1440)])
def test_what_belongs_to_others(contexts, live, model, person, theme, width):
    model.say("Pause", {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "Settled."})
    run = person("member@example.com").run("Pause campaign 42")
    page = contexts.page(live.link, theme=theme, width=width)
    page.get_by_role("textbox").first.wait_for()
    for path in (f"/s/{run['session_id']}", "/approvals", "/runs", f"/runs/{run['id']}"):
        page.goto(live.address + path)
        is_there(page)
        expect(page.get_by_text("member@example.com").first).to_be_visible()
        assert findings(page) == [], path
        assert not is_too_wide(page), path
