"""Full control over a run: pause and go on; forks are in test_forks.py."""

from chat import Chat
from playwright.sync_api import expect


def test_a_run_is_paused_and_goes_on_from_its_page_and_from_the_conversation(contexts, live, model, client):
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    accepted = client.call("POST", "/v1/runs?wait=0", {"content": "Tell a story"})
    page = contexts.page(live.link)
    page.goto(f"{live.address}/runs/{accepted['run_id']}")
    head = page.locator(".page-head")
    expect(head).to_contain_text("Running")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(head).to_contain_text("Paused")
    expect(page.get_by_role("complementary", name="Details of this step")).to_contain_text("Paused")
    page.goto(f"{live.address}/s/{accepted['session_id']}")
    expect(page.get_by_text("This run is paused.")).to_be_visible()
    model.hold_after = None
    model.gate.set()
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("Once upon a time there was an end.")).to_be_visible()
    expect(page.get_by_text("This run is paused.")).to_have_count(0)


def test_an_answer_is_paused_where_it_is_written_and_stopped_there(contexts, live, model):
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    chat = Chat(contexts.page(live.link))
    chat.send("Tell a story")
    chat.sees("Once upon a time")
    expect(chat.log.locator(".answer.live")).to_have_count(1)
    chat.page.get_by_role("button", name="Pause", exact=True).click()
    chat.sees("This run is paused.")
    expect(chat.log.locator(".answer.live")).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
    chat.log.get_by_role("button", name="Stop", exact=True).click()
    chat.sees("You stopped this answer.")
    model.gate.set()
