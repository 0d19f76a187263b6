"""Prompts: the list, one with its versions and what changed, and what variants came to."""
from playwright.sync_api import expect
import pytest
from batuta_server import BatutaServer
from client import Client
from conftest import EXAMPLE_PROJECT
from test_every_page import findings, is_there, is_too_wide


@pytest.fixture
def written(tmp_path, browser, model, contexts):
    """A project whose agent includes a block with a variant; the block was changed once."""
    files = {path.relative_to(EXAMPLE_PROJECT).as_posix(): path.read_text().replace("MODEL_URL", model.url)
             for path in EXAMPLE_PROJECT.rglob("*") if path.is_file()}
    files["agents/assistant.md"] = files["agents/assistant.md"].rstrip() + "\n{{> tone}}\n"
    files["prompts/tone.md"] = "Be kind.\nBe long.\n"
    files["prompts/tone@warm.md"] = "---\nweight: 50\n---\nBe warm and short.\n"
    server = BatutaServer(tmp_path / "written", files=files)
    client = Client(browser, server)
    client.call("POST", "/v1/prompts", {"name": "tone", "text": "Be kind.\nBe brief.\n"})
    run = client.run("Hello")
    client.call("POST", f"/v1/runs/{run['id']}/rating", {"rating": 4})
    server.client = client
    yield server
    contexts.close()
    client.close()
    server.stop()


def opened(contexts, server, path, **how):
    page = contexts.page(server.new_link(), **how)
    page.get_by_role("textbox").first.wait_for()
    page.goto(server.address + path)
    is_there(page)
    return page


def test_s2_110_the_list_holds_agents_blocks_and_variants(contexts, written):
    page = opened(contexts, written, "/prompts")
    rows = page.locator("main").get_by_role("listitem")
    expect(rows.filter(has_text="agent:assistant")).to_contain_text("includes tone")
    expect(rows.filter(has_text="tone@warm")).to_contain_text("Variant")
    expect(rows.filter(has=page.get_by_role("link", name="tone", exact=True))).to_contain_text("2 versions")
    page.get_by_role("button", name="Blocks").click()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="tone", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("tone")


@pytest.mark.parametrize("theme,width,language", [("light", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 390, "pt-BR"), ("dark", 1440, "pt-BR")])
def test_s2_110_an_earlier_version_shows_what_changed_since(contexts, written, theme, width, language):
    page = opened(contexts, written, "/prompts/tone", theme=theme, width=width, language=language)
    text = page.locator(".prompt-text")
    expect(text).to_have_text("Be kind.\nBe brief.\n")
    versions = page.locator(".version-row")
    expect(versions).to_have_count(2)
    expect(versions.first).to_have_attribute("aria-pressed", "true")
    versions.last.click()
    expect(page.locator(".diff-line.removed")).to_contain_text("Be long.")
    expect(page.locator(".diff-line.added")).to_contain_text("Be brief.")
    assert findings(page) == []
    assert not is_too_wide(page)
    page.get_by_role("button", name="Text" if language == "en-US" else "Texto", exact=True).click()
    expect(text).to_have_text("Be kind.\nBe long.\n")


def test_s2_127_variants_stand_side_by_side_with_what_they_came_to(contexts, written):
    page = opened(contexts, written, "/prompts/tone")
    table = page.get_by_role("table")
    told = written.client.get("/v1/experiments/tone")["variants"]
    expect(table.get_by_role("row")).to_have_count(3)
    used = next(variant["variant"] for variant in told if variant["runs"] == 1)
    row = table.get_by_role("row").filter(has=page.get_by_role("link", name=used, exact=True))
    expect(row).to_contain_text("50%")
    expect(row).to_contain_text("100%")
    expect(row).to_contain_text("4.0 (1)")
    table.get_by_role("link", name="warm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("tone@warm")
    expect(page.locator(".prompt-text")).to_contain_text("Be warm and short.")


def test_a_prompt_that_is_not_there_is_told(contexts, written):
    contexts.allow("404")
    page = opened(contexts, written, "/prompts/nowhere")
    expect(page.get_by_role("heading", name="This prompt does not exist")).to_be_visible()


def test_members_have_no_prompts(contexts, written):
    contexts.allow("403")
    written.client.call("POST", "/v1/users", {"email": "member@example.com", "role": "member"})
    page = contexts.page(written.new_link("member@example.com"))
    page.get_by_role("textbox").first.wait_for()
    expect(page.get_by_role("navigation").get_by_role("link", name="Prompts")).to_have_count(0)
    page.goto(written.address + "/prompts")
    expect(page.get_by_text("Prompts are for builders")).to_be_visible()


@pytest.mark.parametrize("theme,width", [("light", 390), ("dark", 1440)])
def test_s4_8_prompts_in_both_themes_and_widths(contexts, written, theme, width):
    page = opened(contexts, written, "/prompts", theme=theme, width=width)
    for path in ("/prompts", "/prompts/agent%3Aassistant", "/prompts/tone%40warm"):
        page.goto(written.address + path)
        is_there(page)
        assert findings(page) == [], path
        assert not is_too_wide(page), path
