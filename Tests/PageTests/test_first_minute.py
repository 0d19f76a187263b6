"""The first minute: the link, a suggestion, an answer with a tool, and from the rehearsal to a model that answers."""
import pytest
from chat import Chat
from connect_dialog import ConnectDialog
from playwright.sync_api import expect


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_s2_1_from_the_link_to_a_model_that_answers(contexts, rehearsal, model, language):
    server = rehearsal(language)
    model.default = "Hello from a real model."
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    chat = Chat(contexts.page(server.link, language="pt-BR" if language == "pt-BR" else "en-US"), language)
    page, words = chat.page, chat.words
    expect(page.get_by_role("note")).to_contain_text(words["rehearsal"])

    page.get_by_role("button", name=words["suggestions"][0]).click()
    expect(chat.last.locator(".activity")).to_be_visible()
    chat.is_at_rest()
    expect(chat.last.locator(".answer")).to_contain_text(":")
    chat.last.locator(".activity-head").click()
    expect(chat.last.locator(".activity-body")).to_contain_text("current_time")

    chat.asked(words["poem"], words["unknown"])
    expect(chat.last).to_contain_text(words["also"])
    expect(chat.last.locator(".suggestion")).to_have_count(3)
    chat.last.get_by_role("button", name=words["suggestions"][0]).click()
    expect(chat.log.get_by_role("article")).to_have_count(3)
    chat.is_at_rest()

    dialog = ConnectDialog(page, language)
    dialog.open()
    dialog.by_address(model.url, "tiny")
    dialog.start()
    expect(page.get_by_role("note")).to_have_count(0)
    chat.asked(words["poem"], "Hello from a real model.")
    assert model.requests[-1]["model"] == "tiny"

    server.kill()
    server.start()
    page.reload()
    expect(page.get_by_role("note")).to_have_count(0)
    model.say("again", "Still the real model.")
    chat.asked("And again?", "Still the real model.")


@pytest.mark.parametrize("language", ["en", "pt-BR"])
def test_a_connected_model_is_not_asked_the_lines_of_the_script(contexts, rehearsal, model, language):
    server = rehearsal(language)
    page = contexts.page(server.link, language="pt-BR" if language == "pt-BR" else "en-US")
    chips = page.locator(".welcome .suggestion")
    expect(chips).to_have_count(3)
    scripted = set(chips.all_inner_texts())
    dialog = ConnectDialog(page, language)
    dialog.open()
    dialog.by_address(model.url, "tiny")
    dialog.start()
    expect(page.get_by_role("note")).to_have_count(0)
    expect(chips).to_have_count(2)
    assert scripted.isdisjoint(chips.all_inner_texts())
    chips.first.click()
    Chat(page, language).sees("Hello from the model.")
