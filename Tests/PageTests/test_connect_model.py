"""What cannot be connected is told in words that a person can act on, and changes nothing."""
import re

from chat import Chat
from connect_dialog import ConnectDialog
from playwright.sync_api import expect


def test_s3_61_a_refused_key_is_told_and_changes_nothing(contexts, hello, model):
    contexts.allow("422")
    chat = Chat(contexts.page(hello.link))
    dialog = ConnectDialog(chat.page)
    dialog.open()
    dialog.by_address(model.url, "tiny", key="sk-bad")
    told = dialog.dialog.get_by_role("alert")
    expect(told).to_contain_text("refused the key")
    expect(told).to_contain_text("Nothing was changed.")
    dialog.by_address(model.url, "tiny", key="sk-good")
    dialog.start()
    chat.asked("Hello", "Hello from the model.")


def test_an_address_at_which_nobody_answers_is_told(contexts, hello):
    contexts.allow("422", "400")
    dialog = ConnectDialog(contexts.page(hello.link))
    dialog.open()
    dialog.by_address("http://127.0.0.1:9/v1", "tiny")
    expect(dialog.dialog.get_by_role("alert")).to_contain_text("cannot be reached")
    dialog.by_address("ftp://example.com", "tiny")
    expect(dialog.dialog.locator(".problem")).to_contain_text("http")


def test_there_is_one_way_to_connect_at_a_time(contexts, hello, model):
    page = contexts.page(hello.link)
    found = {"data": [{"label": "Ollama", "base_url": model.url, "models": ["tiny"]}], "next_cursor": None}
    page.route("**/v1/settings/**local**", lambda route: route.fulfill(json=found))
    dialog = ConnectDialog(page)
    dialog.open()
    expect(dialog.dialog.get_by_label("Model", exact=True)).to_have_attribute("placeholder", re.compile("."))
    dialog.dialog.get_by_role("button", name="On the server's machine").click()
    check = dialog.dialog.get_by_role("button", name="Check and connect")
    expect(dialog.dialog.get_by_role("radio")).to_have_count(1)
    expect(check).to_have_count(1)
    dialog.dialog.locator("summary").click()
    expect(dialog.dialog.get_by_label("Address")).to_be_visible()
    expect(check).to_have_count(1)


def test_a_provider_needs_its_key(contexts, hello):
    dialog = ConnectDialog(contexts.page(hello.link))
    dialog.open()
    dialog.dialog.get_by_role("button", name="Check and connect").click()
    expect(dialog.dialog.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(dialog.dialog).to_contain_text("Paste the key")


def test_a_connected_model_can_be_disconnected(contexts, hello, model):
    page = contexts.page(hello.link)
    dialog = ConnectDialog(page)
    dialog.open()
    dialog.by_address(model.url, "tiny")
    dialog.start()
    page.goto(hello.address + "/settings/models")
    page.get_by_role("button", name="Disconnect").click()
    page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Rehearsal: no model is connected")).to_be_visible()


def test_what_was_said_about_one_provider_goes_with_it(contexts, hello):
    contexts.allow("422")
    page = contexts.page(hello.link)
    problem = {"status": 422, "code": "model_unavailable", "detail": "Check the address.", "errors": []}
    page.route("**/v1/settings/connection", lambda route: route.fulfill(status=422, json=problem, content_type="application/problem+json"))
    dialog = ConnectDialog(page)
    dialog.open()
    dialog.dialog.get_by_label("Key", exact=True).fill("sk-any")
    dialog.dialog.get_by_role("button", name="Check and connect").click()
    told = dialog.dialog.get_by_role("alert")
    expect(told).to_contain_text("DNS")
    expect(told).not_to_contain_text("address")
    dialog.dialog.get_by_label("Provider").select_option(index=1)
    expect(told).to_have_count(0)


def test_a_provider_s_row_leads_to_its_dialog(contexts, hello):
    page = contexts.page(hello.link)
    page.goto(hello.address + "/settings/models")
    row = page.get_by_role("listitem").filter(has_text="Anthropic").get_by_role("button")
    row.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Provider").locator("option:checked")).to_have_text("Anthropic")


def test_the_models_fit_a_phone_in_portuguese(contexts, rehearsal):
    server = rehearsal("pt-BR")
    page = contexts.page(server.link, language="pt-BR", width=360, height=740)
    page.goto(server.address + "/settings/models")
    page.get_by_text("As respostas vêm de um roteiro.").wait_for()
    assert page.evaluate("document.querySelector('.page').scrollWidth <= document.querySelector('.page').clientWidth")
    page.locator(".settings-body .button.primary").first.click()
    page.get_by_role("dialog").locator("form").wait_for()
    assert page.evaluate("document.querySelector('dialog').scrollWidth <= document.querySelector('dialog').clientWidth")
