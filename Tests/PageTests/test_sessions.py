"""The list of conversations: found, renamed, deleted, and new ones from elsewhere."""
from chat import Chat
from playwright.sync_api import expect
import pytest
from sidebar import Sidebar


def test_s3_50_conversations_are_found_by_their_titles(contexts, live, client):
    for title in ("Budget for March", "Paused campaigns", "Budget for April"):
        client.run(title)
    sidebar = Sidebar(contexts.page(live.link))
    expect(sidebar.list.get_by_role("link")).to_have_count(3)
    sidebar.search.fill("budget")
    expect(sidebar.list.get_by_role("link")).to_have_count(2)
    sidebar.search.fill("nothing like it")
    expect(sidebar.list).to_contain_text("No conversation has “nothing like it” in its title or its messages.")
    sidebar.search.press("Escape")
    expect(sidebar.list.get_by_role("link")).to_have_count(3)
    sidebar.link("Paused campaigns").click()
    Chat(sidebar.page).sees("Hello from the model.")


def test_a_conversation_is_renamed(contexts, live, client):
    client.run("An odd title")
    sidebar = Sidebar(contexts.page(live.link))
    sidebar.act("An odd title", "Rename")
    field = sidebar.page.get_by_role("textbox", name="Title")
    expect(field).to_be_focused()
    field.fill("A better title")
    field.press("Enter")
    expect(sidebar.link("A better title")).to_be_visible()
    sidebar.page.reload()
    sidebar.link("A better title").click()
    expect(sidebar.page.get_by_role("heading", level=1)).to_have_text("A better title")


def test_a_conversation_is_deleted_after_a_question(contexts, live, client):
    contexts.allow("404")
    run = client.run("To be forgotten")
    page = contexts.page(live.link)
    page.goto(f"{live.address}/s/{run['session_id']}")
    sidebar = Sidebar(page)
    Chat(page).sees("Hello from the model.")
    sidebar.act("To be forgotten", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(sidebar.link("To be forgotten")).to_be_visible()
    sidebar.act("To be forgotten", "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(sidebar.link("To be forgotten")).to_have_count(0)
    expect(page).to_have_url(live.address + "/")
    page.goto(f"{live.address}/s/{run['session_id']}")
    expect(page.get_by_role("alert")).to_contain_text("does not exist")


def test_a_conversation_begun_elsewhere_is_listed_by_itself(contexts, live, client):
    sidebar = Sidebar(contexts.page(live.link))
    expect(sidebar.list).to_contain_text("Your conversations will be listed here.")
    client.run("From my other browser")
    expect(sidebar.link("From my other browser")).to_be_visible()


@pytest.mark.parametrize("language", ["en-US", "pt-BR"])
@pytest.mark.parametrize("width", [1440, 390])
def test_what_the_search_says_of_itself_fits_into_it(contexts, hello, language, width):
    page = contexts.page(hello.link, language=language, width=width)
    field = page.get_by_role("searchbox", include_hidden=True)
    if width == 390:
        page.locator(".only-narrow").first.click()
    expect(field).to_be_visible()
    needed, room = field.evaluate("""field => {
      const style = getComputedStyle(field);
      const pen = document.createElement('canvas').getContext('2d');
      pen.font = style.font;
      return [pen.measureText(field.placeholder).width, field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)];
    }""")
    assert 0 < needed <= room
