"""Teams in the conversation: who works, what each was asked and did, the team's answer, and the questions that a graph asks a person."""
from chat import Chat
from client import Client
from playwright.sync_api import expect
import pytest
from test_every_page import findings, is_too_wide

PLAN = {"calls": [{"tool": "delegate", "arguments": {"member": "creator", "task": "Write a slogan"}},
                  {"tool": "delegate", "arguments": {"member": "analyzer", "task": "Read campaign 42"}}],
        "then": "Both are done: **Spring is here**."}


@pytest.fixture
def plan(model):
    """The leader hands work to both; one writes, the other reads numbers first."""
    model.say("Plan the spring", PLAN)
    model.say("Write a slogan", "Here is a slogan with quite a few words in it.")
    model.say("Read campaign 42", {"tool": "get_campaign", "arguments": {"campaign_id": "42"}, "then": "Campaign 42 cost R$ 10."})
    return model


def card(chat):
    return chat.last.locator(".team")


def member(chat, name):
    return card(chat).get_by_role("listitem").filter(has=chat.page.get_by_role("button", name=name)).first


@pytest.mark.parametrize("language,theme,width", [("en-US", "light", 1440), ("pt-BR", "dark", 390)])
def test_s2_128_each_member_shows_what_it_was_asked_did_and_said(contexts, crew, plan, language, theme, width):
    chat = Chat(contexts.page(crew.link, language=language, theme=theme, width=width), "en" if language == "en-US" else "pt-BR")
    chat.asked("Plan the spring", "Both are done: Spring is here.")
    expect(chat.last.locator(".turn > .answer")).to_have_count(1)
    expect(card(chat)).to_contain_text("Creator and Analyzer" if language == "en-US" else "Creator e Analyzer")
    expect(card(chat)).to_contain_text("2 tasks" if language == "en-US" else "2 tarefas")
    card(chat).get_by_role("button").first.click()
    member(chat, "Analyzer").get_by_role("button").first.click()
    expect(member(chat, "Analyzer")).to_contain_text("Read campaign 42")
    expect(member(chat, "Analyzer")).to_contain_text("get_campaign")
    expect(member(chat, "Analyzer")).to_contain_text("Campaign 42 cost R$ 10.")
    member(chat, "Creator").get_by_role("button").first.click()
    expect(member(chat, "Creator").locator(".answer")).to_contain_text("Here is a slogan")
    assert findings(chat.page) == []
    assert not is_too_wide(chat.page)
    chat.page.reload()
    chat.sees("Both are done: Spring is here.")
    expect(chat.log.get_by_role("article")).to_have_count(1)


def test_s4_54_who_works_is_said_and_a_stop_stops_them_all(contexts, crew, plan):
    plan.hold_after = 3
    plan.gate.clear()
    chat = Chat(contexts.page(crew.link))
    chat.send("Plan the spring")
    expect(card(chat)).to_contain_text("Creator and Analyzer are working")
    expect(member(chat, "Creator").locator(".answer")).to_contain_text("Here is a")
    expect(member(chat, "Creator")).to_contain_text("Write a slogan")
    assert findings(chat.page) == []
    chat.page.get_by_role("button", name="Stop", exact=True).click()
    chat.is_at_rest()
    expect(chat.last).to_contain_text("You stopped this answer.")
    card(chat).get_by_role("button").first.click()
    for name in ("Creator", "Analyzer"):
        expect(member(chat, name).get_by_role("button").first).to_contain_text("Stopped")
    plan.gate.set()


def test_a_member_that_fails_is_seen_and_the_team_goes_on(contexts, crew, model):
    model.say("Plan the spring", {**PLAN["calls"][0], "then": "Without a slogan, then."})
    model.say("Write a slogan", 400)
    chat = Chat(contexts.page(crew.link))
    chat.asked("Plan the spring", "Without a slogan, then.")
    expect(card(chat)).to_contain_text("1 failed")
    card(chat).get_by_role("button").first.click()
    member(chat, "Creator").get_by_role("button").first.click()
    expect(member(chat, "Creator")).to_contain_text("out of order")
    assert findings(chat.page) == []


def test_s2_31_a_member_asks_the_person_and_goes_on(contexts, crew, model):
    model.say("Stop the outlet", {"tool": "delegate", "arguments": {"member": "creator", "task": "Pause 42"}, "then": "The outlet is paused."})
    model.say("Pause 42", {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "Paused it."})
    chat = Chat(contexts.page(crew.link))
    chat.send("Stop the outlet")
    question = chat.last.locator(".approval")
    expect(question).to_contain_text("Creator wants to run pause_campaign.")
    expect(card(chat)).to_contain_text("Creator")
    question.get_by_role("button", name="Approve").click()
    chat.sees("The outlet is paused.")
    assert model.campaigns_after(1)[0][0] == "42"


def test_s4_54_the_trace_of_a_team_holds_the_runs_of_its_members(contexts, crew, plan):
    chat = Chat(contexts.page(crew.link))
    chat.asked("Plan the spring", "Both are done: Spring is here.")
    chat.last.locator(".turn-numbers").click()
    page = chat.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Ads")
    bars = page.locator(".span-row")
    expect(bars.filter(has_text="get_campaign")).to_have_count(1)
    expect(bars.filter(has_text="delegate")).to_have_count(2)
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_role("row").filter(has_text="get_campaign")).to_contain_text("Analyzer")
    page.get_by_role("button", name="Timeline").click()
    bars.filter(has_text="Analyzer").first.click()
    page.get_by_role("link", name="Open this run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Analyzer")
    page.get_by_role("link", name="The run that this one belongs to").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ads")


def fill(form):
    form.get_by_label("Channel").select_option("blog")
    form.get_by_label("Urgent").select_option("Yes")
    form.get_by_label("Copies").fill("2")
    form.get_by_label("Title").fill("Spring")


@pytest.mark.parametrize("theme,width", [("light", 390), ("dark", 1440)])
def test_s4_5_a_graph_asks_with_a_form_in_the_conversation(contexts, crew, model, theme, width):
    model.say("[confirm]", "It was published on the blog.")
    model.say("Draft the letter", "A fine draft.")
    client = Client(contexts.browser, crew)
    run = client.call("POST", "/v1/runs?wait=1", {"target": "team:press", "content": "Draft the letter"})
    chat = Chat(contexts.page(crew.new_link(), theme=theme, width=width))
    chat.page.get_by_role("textbox").first.wait_for()
    chat.page.goto(f"{crew.address}/s/{run['session_id']}")
    question = chat.last.locator(".approval")
    expect(question).to_contain_text("Publish this draft?")
    expect(question.get_by_role("button", name="Approve")).to_have_count(0)
    assert findings(chat.page) == []
    assert not is_too_wide(chat.page)
    question.get_by_role("button", name="Send answer").click()
    expect(question).to_be_visible()  # the browser asks for what is missing
    fill(question)
    question.get_by_role("button", name="Send answer").click()
    chat.sees("It was published on the blog.")
    chat.sees("Answered by you")
    told = client.get("/v1/approvals")["data"][0]
    assert told["arguments"] == {"channel": "blog", "urgent": True, "copies": 2, "title": "Spring"}
    assert findings(chat.page) == []
    client.close()


def test_s4_5_a_graph_asks_with_a_form_among_the_approvals(contexts, crew, model):
    model.say("Draft the letter", "A fine draft.")
    client = Client(contexts.browser, crew)
    for _ in range(2):
        client.call("POST", "/v1/runs?wait=1", {"target": "team:press", "content": "Draft the letter"})
    page = contexts.page(crew.new_link())
    page.get_by_role("textbox").first.wait_for()
    page.goto(crew.address + "/approvals")
    cards = page.locator(".inbox-card.open")
    expect(cards).to_have_count(2)
    expect(cards.first.get_by_role("heading")).to_have_text("Publish this draft?")
    page.keyboard.press("a")
    page.keyboard.press("a")
    expect(cards).to_have_count(2)  # no letter answers a question with values
    assert findings(page) == []
    fill(cards.first)
    cards.first.get_by_role("button", name="Send answer").click()
    expect(cards).to_have_count(1)
    expect(page.locator(".inbox-card.closed").first).to_contain_text("Answered by you")
    expect(page.locator(".inbox-card.closed").first).to_contain_text("blog")
    cards.first.get_by_role("button", name="Don't answer").click()
    cards.first.get_by_role("button", name="Don't answer").click()
    expect(cards).to_have_count(0)
    expect(page.locator(".inbox-card.closed").filter(has_text="Left unanswered by you")).to_have_count(1)
    assert findings(page) == []
    client.close()


def test_s4_7_teams_are_among_those_to_talk_to(contexts, crew, model):
    model.default = "Just me."
    chat = Chat(contexts.page(crew.link))
    chat.page.get_by_role("button", name="Talk to: Ads").click()
    expect(chat.page.get_by_role("menuitem", name="Press")).to_be_visible()
    chat.page.get_by_role("menuitem", name="Analyzer").click()
    chat.asked("Hello", "Just me.")
    expect(chat.page.locator(".page-head")).to_contain_text("Analyzer")
