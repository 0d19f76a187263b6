"""Full control over a run: pause, go on, fork from a step."""
import re

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


def test_a_run_is_forked_from_a_step_of_its_trace_and_the_fork_says_where_from(contexts, live, model, client):
    model.say("time", {"tool": "current_time", "arguments": {}, "then": "It is late."})
    run = client.run("What time is it?")
    page = contexts.page(live.link)
    page.goto(f"{live.address}/runs/{run['id']}")
    page.get_by_role("button", name=re.compile("^current_time")).first.click()
    page.get_by_role("button", name="Fork from here").click()
    expect(page).not_to_have_url(re.compile(run["id"]))
    expect(page.get_by_text(re.compile("Forked from event"))).to_be_visible()
    expect(page.locator(".page-head")).to_contain_text("Completed")
    page.get_by_role("link", name="See that run").click()
    expect(page).to_have_url(re.compile(run["id"]))
    expect(page.get_by_text(re.compile("Forked from event"))).to_have_count(0)


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


def test_a_forked_conversation_says_of_which(contexts, live, model, client):
    model.say("time", {"tool": "current_time", "arguments": {}, "then": "It is late."})
    run = client.run("What time is it?")
    page = contexts.page(live.link)
    page.goto(f"{live.address}/runs/{run['id']}")
    page.get_by_role("button", name=re.compile("^current_time")).first.click()
    page.get_by_role("button", name="Fork from here").click()
    expect(page.get_by_text(re.compile("Forked from event"))).to_be_visible()
    page.locator(".run-places .session-link").click()
    note = page.get_by_role("note").filter(has_text="Fork of")
    expect(note).to_be_visible()
    note.get_by_role("link", name="What time is it?").click()
    expect(page).to_have_url(re.compile(run["session_id"]))
    expect(note).to_have_count(0)
