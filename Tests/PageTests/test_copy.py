"""Copy: an answer as it was written, code without its frame, a message of one's own."""
from chat import Chat
from playwright.sync_api import expect

ANSWER = "Run **this**:\n\n```sh\nmake run\n\tcd there\n```\n\n- done"


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()")


def test_s3_52_copy_buttons(contexts, live, model):
    model.default = ANSWER
    chat = Chat(contexts.page(live.link))
    chat.asked("How do I start it?", "done")
    chat.last.get_by_role("button", name="Copy answer").click()
    expect(chat.page.locator(".toasts")).to_contain_text("Copied")
    assert clipboard(chat.page) == ANSWER
    chat.last.get_by_role("button", name="Copy code").click()
    expect(chat.last.get_by_text("Copied", exact=True)).to_be_visible()
    assert clipboard(chat.page).rstrip("\n") == "make run\n\tcd there"
    chat.log.get_by_text("How do I start it?").hover()
    chat.last.get_by_role("button", name="Copy message").click()
    expect(chat.page.locator(".toasts .toast")).to_have_count(2)
    assert clipboard(chat.page) == "How do I start it?"
