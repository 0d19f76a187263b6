"""Everything from the keyboard: the palette, and the keys of the chat."""
import re

from chat import Chat
from playwright.sync_api import expect


def test_s3_63_the_palette_reaches_pages_conversations_and_actions(contexts, live, client):
    client.run("Budget for March")
    page = contexts.page(live.link)
    expect(page.get_by_role("textbox", name="Message", exact=True)).to_be_focused()
    palette = page.get_by_role("dialog", name="Command palette")

    def choose(text):
        page.keyboard.press("Control+k")
        expect(palette.get_by_role("combobox")).to_be_focused()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(palette).to_have_count(0)

    choose("runs")
    expect(page).to_have_url(re.compile("/runs$"))
    choose("march")
    expect(page).to_have_url(re.compile("/s/ses_"))
    choose("theme dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Command palette").click()
    expect(page.get_by_role("option", name=re.compile("Theme: Dark.*chosen"))).to_have_count(1)
    expect(page.get_by_role("option", name=re.compile("chosen"))).to_have_count(1)
    page.keyboard.press("Escape")
    choose("secrets")
    expect(page).to_have_url(re.compile("/settings/models$"))
    choose("portugu")
    expect(page.locator("html")).to_have_attribute("lang", "pt-BR")
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    page.keyboard.type("zzz")
    expect(page.get_by_role("dialog")).to_contain_text("Nada encontrado para “zzz”.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_conversation_without_a_mouse(contexts, live, model):
    chat = Chat(contexts.page(live.link))
    expect(chat.composer).to_be_focused()
    chat.page.keyboard.type("First line")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("second line")
    chat.page.keyboard.press("Enter")
    chat.sees("Hello from the model.")
    assert model.requests[-1]["messages"][-1]["content"] == "First line\nsecond line"
    chat.composer.blur()
    chat.page.keyboard.press("/")
    expect(chat.composer).to_be_focused()
    expect(chat.composer).to_have_value("")


def test_the_skip_link_comes_first_and_leads_to_the_content(contexts, live):
    page = contexts.page(live.link)
    page.goto(live.address + "/runs")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    skip = page.get_by_role("link", name="Skip to content")
    assert page.evaluate("document.querySelector('a, button, input') === document.querySelector('.skip')")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Status")).to_be_focused()
