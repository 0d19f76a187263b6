"""An address that nobody has, opened by itself: told in the reader's language, whichever that is."""
from playwright.sync_api import expect
import pytest

PLACES = ["/nothing-here", "/runs/one/two", "/settings/nothing", "/s/one/two"]


@pytest.mark.parametrize("language,title,way", [("en-US", "There is nothing here", "Start a conversation"), ("pt-BR", "Não há nada aqui", "Começar uma conversa")])
def test_an_unknown_address_is_told(contexts, hello, language, title, way):
    contexts.allow("404")
    page = contexts.page(hello.link, language=language)
    page.get_by_role("textbox").first.wait_for()
    for place in PLACES:
        page.goto(hello.address + place)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("lang", language.split("-")[0] if language == "en-US" else language)
    page.get_by_role("link", name=way).click()
    expect(page.get_by_role("textbox").first).to_be_visible()


def test_a_person_s_own_language_goes_before_the_browser_s(contexts, hello):
    contexts.allow("404")
    page = contexts.page(hello.link)
    page.get_by_role("textbox").first.wait_for()
    page.request.fetch(hello.address + "/v1/me", method="PATCH", data={"language": "pt-BR"}, headers={"X-Batuta-CSRF": "1"})
    page.goto(hello.address + "/nothing-here")
    expect(page.get_by_role("heading", level=1)).to_have_text("Não há nada aqui")


def test_whoever_is_not_signed_in_reads_the_door_in_their_language(contexts, hello):
    contexts.allow("404", "401")
    page = contexts.page(hello.address + "/nothing-here", language="pt-BR")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entrar no Batuta")


def test_a_way_back_that_cannot_be_read_leaves_the_door_as_it_is(contexts, hello):
    contexts.allow("401")
    page = contexts.page(hello.address + "/login?next=/%25E0%25A4%25A")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to Batuta")
