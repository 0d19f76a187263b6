"""What cannot be connected is told in words that a person can act on, and changes nothing."""
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
