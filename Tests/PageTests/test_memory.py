"""Memory: what is known of the reader is found, corrected and forgotten."""
from playwright.sync_api import expect
import pytest
from test_every_page import findings, is_there, is_too_wide

FACTS = [("Prefers reports of one page.", "ads", "reports"), ("Lives in Natal.", "private", None), ("Decides budgets on Mondays.", "ads", None)]


@pytest.fixture
def facts(client):
    for fact, namespace, about in FACTS:
        client.call("POST", "/v1/memories", {"fact": fact, "namespace": namespace, **({"about": about} if about else {})})


def opened(contexts, server, **how):
    page = contexts.page(server.new_link(), **how)
    page.get_by_role("textbox").first.wait_for()
    page.goto(server.address + "/memory")
    is_there(page)
    return page


def rows(page):
    return page.locator("main").get_by_role("listitem")


def test_s2_16_memories_are_found_by_words_and_by_area(contexts, live, facts):
    page = opened(contexts, live)
    expect(rows(page)).to_have_count(3)
    page.get_by_role("searchbox", name="Search memories").fill("natal")
    expect(rows(page)).to_have_count(1)
    page.get_by_role("searchbox", name="Search memories").fill("nobody said this")
    expect(page.get_by_role("heading", name="Nothing fits this search")).to_be_visible()
    page.get_by_role("button", name="Clear search").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_label("Area", exact=True).select_option("ads")
    expect(rows(page)).to_have_count(2)


def test_s2_17_a_memory_is_corrected_and_another_forgotten(contexts, live, facts, client):
    page = opened(contexts, live)
    page.get_by_role("button", name="Edit “Lives in Natal.”").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is remembered").fill("Lives in Recife.")
    dialog.get_by_label("About (optional)").fill("home")
    assert findings(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(rows(page).filter(has_text="Lives in Recife.")).to_contain_text("home")
    page.get_by_role("button", name="Delete “Decides budgets on Mondays.”").click()
    expect(dialog).to_contain_text("cannot be undone")
    assert findings(page) == []
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(rows(page)).to_have_count(2)
    assert {item["fact"] for item in client.get("/v1/memories")["data"]} == {"Prefers reports of one page.", "Lives in Recife."}


def test_a_correction_that_is_refused_says_why_and_keeps_the_text(contexts, live, facts):
    contexts.allow("400")
    page = opened(contexts, live)
    page.get_by_role("button", name="Edit “Lives in Natal.”").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What is remembered").fill("x" * 5000)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_label("What is remembered")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("What is remembered")).to_have_value("x" * 5000)
    assert findings(page) == []


def test_all_of_an_area_and_then_everything_is_forgotten(contexts, live, facts, client):
    page = opened(contexts, live)
    dialog = page.get_by_role("dialog")
    page.get_by_label("Area", exact=True).select_option("ads")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("button", name="Delete all").click()
    expect(dialog).to_contain_text("Delete all of “ads”?")
    dialog.get_by_role("button", name="Cancel").click()
    assert len(client.get("/v1/memories")["data"]) == 3
    page.get_by_role("button", name="Delete all").click()
    dialog.get_by_role("button", name="Delete all").click()
    expect(page.locator(".toasts")).to_contain_text("2 memories were deleted")
    assert [item["fact"] for item in client.get("/v1/memories")["data"]] == ["Lives in Natal."]
    page.get_by_role("button", name="Clear search").click()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Delete all").click()
    dialog.get_by_role("button", name="Delete all").click()
    expect(page.get_by_role("heading", name="Nothing is remembered about you")).to_be_visible()
    expect(page.get_by_role("button", name="Delete all")).to_have_count(0)
    assert findings(page) == []


def test_a_list_that_does_not_come_says_so_and_tries_again(contexts, live, facts):
    contexts.allow("500")
    page = contexts.page(live.new_link())
    page.get_by_role("textbox").first.wait_for()
    broken = {"status": 500, "code": "internal", "title": "Internal", "detail": "Something broke on the server."}
    page.route("**/v1/memories?*", lambda route: route.fulfill(status=500, json=broken, content_type="application/problem+json"), times=1)
    page.goto(live.address + "/memory")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Something broke on the server.")
    page.locator("main").get_by_role("button", name="Try again").click()
    expect(rows(page)).to_have_count(3)


def test_others_memories_are_not_there(contexts, live, facts, person):
    other = person("member@example.com")
    page = contexts.page(live.new_link("member@example.com"))
    page.get_by_role("textbox").first.wait_for()
    page.goto(live.address + "/memory")
    expect(page.get_by_role("heading", name="Nothing is remembered about you")).to_be_visible()
    assert other.get("/v1/memories")["data"] == []


@pytest.mark.parametrize("theme,width,language", [("light", 390, "pt-BR"), ("dark", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 1440, "pt-BR")])
def test_s4_8_memory_in_both_themes_widths_and_languages(contexts, live, facts, theme, width, language):
    page = opened(contexts, live, theme=theme, width=width, language=language)
    expect(rows(page)).to_have_count(3)
    assert findings(page) == []
    assert not is_too_wide(page)
