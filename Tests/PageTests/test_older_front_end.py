"""The front end of an older system, unchanged in its ways, on the chat stream that it knows."""
import pytest
from batuta_server import ROOT, BatutaServer
from playwright.sync_api import expect


@pytest.fixture
def older(tmp_path, contexts):
    server = BatutaServer(tmp_path / "hello", options=["--web-root", str(ROOT / "Examples/older-front-end")])
    yield server
    contexts.close()
    server.stop()


def test_s2_95_it_chats_in_one_session(contexts, older):
    contexts.allow("favicon", "404")
    page = contexts.page(older.link)
    for message, answer in (("What time is it?", "It is "), ("Write a poem", "No model is connected")):
        page.get_by_label("Mensagem").fill(message)
        page.get_by_role("button", name="Enviar").click()
        expect(page.locator("#conversation li").last).to_contain_text(answer)
    expect(page.locator("#status")).to_have_text("Pronto!")
    sessions = page.evaluate("fetch('/v1/sessions').then(answer => answer.json())")
    assert len(sessions["data"]) == 1
