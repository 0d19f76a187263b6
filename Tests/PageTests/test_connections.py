"""Connections: accounts of other services are connected by a form or on the service's page, kept, connected again, and taken away."""
from batuta_server import BatutaServer
from client import Client
from conftest import EXAMPLE_PROJECT
from playwright.sync_api import expect
import pytest
from test_every_page import findings, is_there, is_too_wide

CONNECTIONS = """connections:
  mailer: { fields: { token: { secret: true }, sender: { type: string, pattern: "^[^@]+@[^@]+$" } } }
  meta:
    oauth2:
      authorize: "ADDRESS/authorize"
      token: "ADDRESS/token"
      scopes: [read]
      client_id: app
      client_secret: "${secret.META_APP_SECRET}"
  warehouse: { scope: project, fields: { key: { secret: true } } }
"""


@pytest.fixture
def connected(tmp_path, browser, model, contexts):
    """A project with an account by form, one by OAuth 2, and one of the project; a tool needs the first."""
    files = {path.relative_to(EXAMPLE_PROJECT).as_posix(): path.read_text().replace("MODEL_URL", model.url)
             for path in EXAMPLE_PROJECT.rglob("*") if path.is_file()}
    files["batuta.yaml"] += CONNECTIONS.replace("ADDRESS", model.url)
    files["tools/get_campaign.yaml"] += '  headers: { Authorization: "Bearer ${connection.mailer.token}" }\n'
    files["agents/assistant.md"] = files["agents/assistant.md"].replace("tools: [", "tools: [get_campaign, ")
    files[".env"] = "META_APP_SECRET=the-secret-of-the-app\n"
    server = BatutaServer(tmp_path / "connected", files=files)
    server.client = Client(browser, server)
    yield server
    contexts.close()
    server.client.close()
    server.stop()


def opened(contexts, server, link=None, **how):
    page = contexts.page(link or server.new_link(), **how)
    page.get_by_role("textbox").first.wait_for()
    page.goto(server.address + "/settings/connections")
    is_there(page)
    return page


def part(page, name):
    return page.get_by_role("region", name=name)


def test_s3_20_a_token_goes_in_and_is_never_shown_again(contexts, connected):
    page = opened(contexts, connected)
    mailer = part(page, "Mailer")
    expect(mailer).to_contain_text("Not connected")
    mailer.get_by_label("Token").fill("tok-canary-1")
    mailer.get_by_label("Sender").fill("member@example.com")
    mailer.get_by_role("button", name="Save").click()
    expect(mailer).to_contain_text("Connected")
    expect(mailer.get_by_label("Token")).to_have_value("")
    expect(mailer).to_contain_text("Kept in the vault")
    assert "tok-canary-1" not in page.content()
    page.reload()
    expect(mailer.get_by_label("Sender")).to_have_value("member@example.com")
    mailer.get_by_role("button", name="Disconnect Mailer").click()
    dialog = page.get_by_role("dialog")
    assert findings(page) == []
    dialog.get_by_role("button", name="Disconnect").click()
    expect(mailer).to_contain_text("Not connected")
    expect(mailer.get_by_label("Sender")).to_have_value("")


def test_a_value_that_does_not_fit_is_told_beside_its_field(contexts, connected):
    contexts.allow("400")
    page = opened(contexts, connected)
    mailer = part(page, "Mailer")
    mailer.get_by_label("Sender").fill("nobody")
    mailer.get_by_role("button", name="Save").click()
    expect(mailer.get_by_label("Sender")).to_have_attribute("aria-invalid", "true")
    assert findings(page) == []


def test_an_account_is_connected_on_the_page_of_its_service(contexts, connected, model):
    contexts.allow("404")
    page = opened(contexts, connected)
    part(page, "Meta").get_by_role("button", name="Connect Meta").click()
    page.wait_for_url("**/authorize?*")
    assert "client_id=app" in page.url and "redirect_uri=" in page.url


def test_a_result_that_misses_an_account_leads_to_it(contexts, connected, model):
    from chat import Chat
    model.say("Read", {"tool": "get_campaign", "arguments": {"campaign_id": "42"}, "then": "It needs an account."})
    chat = Chat(contexts.page(connected.new_link()))
    chat.asked("Read campaign 42", "It needs an account.")
    chat.last.locator(".activity-head").click()
    chat.last.locator(".step-head").filter(has_text="get_campaign").click()
    chat.last.get_by_role("link", name="Connect the account").click()
    expect(part(chat.page, "Mailer")).to_be_visible()


def test_the_projects_accounts_are_an_administrators_to_connect(contexts, connected):
    connected.client.call("POST", "/v1/users", {"email": "member@example.com", "role": "member"})
    page = opened(contexts, connected, connected.new_link("member@example.com"))
    expect(part(page, "Warehouse")).to_contain_text("An administrator connects this one.")
    expect(part(page, "Warehouse").get_by_role("textbox")).to_have_count(0)


def test_a_project_without_any_says_so(contexts, hello):
    page = opened(contexts, hello)
    expect(page.get_by_role("heading", name="This project needs no connections")).to_be_visible()


@pytest.mark.parametrize("theme,width,language", [("light", 390, "pt-BR"), ("dark", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 1440, "pt-BR")])
def test_s4_8_connections_in_both_themes_widths_and_languages(contexts, connected, theme, width, language):
    page = opened(contexts, connected, theme=theme, width=width, language=language)
    expect(part(page, "Mailer")).to_be_visible()
    assert findings(page) == []
    assert not is_too_wide(page)
