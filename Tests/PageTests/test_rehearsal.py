"""In rehearsal a script speaks: no model is named, and nothing is counted that was not used."""
from chat import Chat
from playwright.sync_api import expect
import pytest


@pytest.mark.parametrize("language,word,script", [("en", "Rehearsal", "Script"), ("pt-BR", "Ensaio", "Roteiro")])
def test_a_rehearsal_names_no_model_and_counts_no_tokens(contexts, rehearsal, language, word, script):
    server = rehearsal(language)
    chat = Chat(contexts.page(server.link, language="pt-BR" if language == "pt-BR" else "en-US"), language)
    chat.send(chat.words["suggestions"][0])
    chat.is_at_rest()
    expect(chat.last.locator(".turn-numbers")).to_contain_text(script)
    chat.page.goto(server.address + "/runs")
    cells = chat.page.get_by_role("row").last.get_by_role("cell")
    expect(cells.filter(has_text=word)).to_have_count(1)
    chat.page.locator("a[href^='/runs/run_']").click()
    figure = chat.page.locator(".figure").nth(1)
    expect(figure).to_contain_text(word)
    assert not any(sign.isdigit() for sign in figure.inner_text())
    expect(chat.page.locator(".span-row").filter(has_text=script).first).to_be_visible()
    expect(chat.page.locator(".trace")).not_to_contain_text("gpt")
    chat.page.locator(".trace-head .segments button").last.click()
    tokens = chat.page.locator(".span-table tbody tr td:nth-last-child(2)")
    assert set(tokens.all_inner_texts()) == {"–"}
