"""Whose a thing is: told to whoever sees others' conversations, runs and questions, and to nobody about their own."""
from chat import Chat
from inbox import Inbox
from playwright.sync_api import expect
import pytest

MEMBER, ADMIN = "member@example.com", "admin@example.com"
PAUSE = {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "Paused it."}


@pytest.fixture
def member(person):
    return person(MEMBER)


def test_another_person_s_conversation_says_whose_it_is(contexts, live, client, member):
    own, theirs = client.run("A question of mine"), member.run("A question of theirs")
    chat = Chat(contexts.page(live.link))
    chat.page.goto(f"{live.address}/s/{theirs['session_id']}")
    chat.sees("Hello from the model.")
    expect(chat.page.get_by_role("note")).to_contain_text(f"This is {MEMBER}’s conversation.")
    expect(chat.log.get_by_role("article").first).to_contain_text(MEMBER)
    chat.page.goto(f"{live.address}/s/{own['session_id']}")
    chat.sees("A question of mine")
    expect(chat.page.get_by_role("note")).to_have_count(0)
    expect(chat.log).not_to_contain_text(MEMBER)


def test_it_says_so_in_portuguese_and_of_a_program(contexts, live, client, browser):
    made = client.call("POST", "/v1/keys", {"name": "nightly", "role": "member"})
    program = browser.new_context(extra_http_headers={"Authorization": f"Bearer {made['key']}"})
    run = program.request.post(live.address + "/v1/runs?wait=1", data={"content": "Relatório"}).json()
    page = contexts.page(live.link, language="pt-BR")
    page.goto(f"{live.address}/s/{run['session_id']}")
    expect(page.get_by_role("note")).to_contain_text("Esta conversa é de uma chave de API (“nightly”).")
    program.close()


def test_everyone_s_runs_have_a_person_and_one_s_own_need_none(contexts, live, client, member):
    client.run("A question of mine")
    member.run("A question of theirs")
    page = contexts.page(live.link)
    page.goto(live.address + "/runs")
    rows = page.get_by_role("row")
    expect(page.get_by_role("columnheader", name="Person")).to_be_visible()
    expect(rows.filter(has_text="A question of theirs")).to_contain_text(MEMBER)
    expect(rows.filter(has_text="A question of mine").get_by_role("cell", name="You", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mine", exact=True).click()
    expect(rows).to_have_count(2)
    expect(page.get_by_role("columnheader", name="Person")).to_have_count(0)
    member.run("Another of theirs")
    client.run("Another of mine")
    expect(rows.filter(has_text="Another of mine")).to_contain_text("Completed")
    expect(rows).to_have_count(3)


def test_a_phone_has_the_person_on_a_line(contexts, live, client, member):
    member.run("A question of theirs")
    page = contexts.page(live.link, width=390)
    page.goto(live.address + "/runs")
    expect(page.get_by_role("row").filter(has_text="A question of theirs").get_by_text(MEMBER)).to_be_visible()
    page.get_by_role("link", name="A question of theirs").click()
    expect(page.locator(".run-places")).to_contain_text(MEMBER)


def test_a_member_sees_no_column_of_persons(contexts, live, member):
    member.run("A question")
    page = contexts.page(live.new_link(MEMBER))
    page.goto(live.address + "/runs")
    expect(page.get_by_role("row").filter(has_text="A question")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Person")).to_have_count(0)


def test_a_run_is_called_like_its_question_in_one_line(contexts, live, client):
    run = client.run("The first line")
    client.run("A second question,\nwhich " + "goes on and on " * 30, run["session_id"])
    page = contexts.page(live.link)
    page.goto(live.address + "/runs")
    title = page.get_by_role("row").nth(1).locator(".row-title")
    expect(title).to_contain_text("A second question, which goes on")
    assert title.evaluate("title => title.scrollWidth > title.clientWidth && getComputedStyle(title).textOverflow") == "ellipsis"
    one_line = page.get_by_role("row").nth(2).locator(".row-title").bounding_box()["height"]
    assert title.bounding_box()["height"] == one_line
    expect(page.get_by_role("row").nth(1)).to_contain_text("The first line")


def test_a_question_says_in_whose_conversation_it_was_asked(contexts, live, model, client, member):
    model.say("Pause", PAUSE)
    client.run("Pause it for me")
    theirs = member.run("Pause it for them")
    inbox = Inbox(contexts.page(live.link), live.address)
    asked = f"Asked in {MEMBER}’s conversation"
    expect(inbox.card("Pause it for them")).to_contain_text(asked)
    expect(inbox.card("Pause it for them")).to_contain_text("Pauses one campaign.")
    expect(inbox.card("Pause it for me")).not_to_contain_text("Asked in")
    inbox.page.goto(f"{live.address}/s/{theirs['session_id']}")
    expect(inbox.page.locator(".approval")).to_contain_text(asked)


def test_the_conversation_names_who_decided_before_what_came_of_it(contexts, live, model, person, member):
    model.say("Pause", PAUSE)
    member.run("Pause it")
    chat = Chat(contexts.page(live.new_link(MEMBER)))
    chat.page.get_by_role("link", name="Pause it").click()
    chat.sees("Nothing changes until you decide.")
    admin = person(ADMIN, "admin")
    admin.call("POST", f"/v1/approvals/{admin.waiting()[0]['id']}", {"decision": "approve"})
    chat.sees("Paused it.")
    expect(chat.log.locator(".activity-head")).to_contain_text(f"Approved by {ADMIN}")
    chat.log.locator(".activity-head").click()
    steps = chat.log.locator(".work-step")
    expect(steps).to_have_count(2)
    expect(steps.first).to_contain_text(f"Approved by {ADMIN}")
    expect(steps.last).to_contain_text("pause_campaign")
    chat.log.locator(".turn-numbers").click()
    chat.page.locator(".span-row.kind-approval").click()
    expect(chat.page.locator(".span-panel")).to_contain_text(f"Approved by {ADMIN}")
    expect(chat.page.locator(".span-panel")).not_to_contain_text("usr_")


def test_one_s_own_rejection_is_by_you(contexts, live, model):
    model.say("Pause", PAUSE)
    chat = Chat(contexts.page(live.link))
    chat.send("Pause it")
    chat.page.locator(".approval").get_by_role("button", name="Reject").click()
    chat.page.locator(".approval").get_by_role("button", name="Reject", exact=True).click()
    chat.sees("Paused it.")
    expect(chat.log.locator(".activity-head")).to_contain_text("Rejected by you")
