"""The inbox: what asks, decided by keys and by buttons, with changes, with a note, and by somebody else first."""
import re

from chat import Chat
from inbox import Inbox
from playwright.sync_api import expect
import pytest


@pytest.fixture
def ask(client, model):
    """Has the agent ask to pause campaigns, each in a session of its own."""
    def ask(*campaigns):
        for campaign in campaigns:
            arguments = {"campaign_id": campaign, "account_id": 20410001, "reason": f"Because of {campaign}"}
            model.say(f"Pause {campaign}", {"tool": "pause_campaign", "arguments": arguments, "then": f"Campaign {campaign} is settled."})
            assert client.run(f"Pause {campaign}")["status"] == "pending_approval"

    return ask


def test_an_empty_inbox_says_what_comes_here(contexts, live):
    inbox = Inbox(contexts.page(live.link), live.address)
    expect(inbox.page.get_by_text("Nothing is waiting for you")).to_be_visible()


def test_s3_57_keys_approve_and_go_to_the_next(contexts, live, model, ask):
    ask("101", "102")
    inbox = Inbox(contexts.page(live.link), live.address)
    expect(inbox.card("Because of 101")).to_contain_text("20410001")
    expect(inbox.card("Because of 101")).to_be_focused()
    inbox.press("j")
    expect(inbox.card("Because of 102")).to_be_focused()
    inbox.press("k")
    inbox.approve_by_keys("Because of 101")
    expect(inbox.card("Because of 101")).to_contain_text("Approved by you")
    expect(inbox.page.locator(".page-head")).to_contain_text("1 waiting")
    assert model.campaigns_after(1) == [("101", {"status": "PAUSED", "reason": "Because of 101"})]


def test_the_list_of_conversations_marks_the_one_that_asks(contexts, live, ask):
    ask("109")
    page = contexts.page(live.link)
    row = page.get_by_role("navigation", name="Conversations").get_by_role("listitem").filter(has_text="Pause 109")
    expect(row.get_by_role("img", name="Waits for your approval")).to_be_visible()
    row.get_by_role("link").click()
    page.locator(".approval").focus()
    page.get_by_role("button", name=re.compile("^Approve")).click()
    expect(row.get_by_role("img", name="Waits for your approval")).to_have_count(0)


def test_a_rejection_carries_its_note_to_the_agent(contexts, live, model, client, ask):
    ask("103")
    inbox = Inbox(contexts.page(live.link), live.address)
    inbox.focus("Because of 103")
    inbox.press("r")
    inbox.page.get_by_label("Note").fill("Not before Friday")
    inbox.page.keyboard.press("Control+Enter")
    expect(inbox.card("Because of 103")).to_contain_text("Rejected by you")
    expect(inbox.card("Because of 103")).to_contain_text("Not before Friday")
    assert model.campaigns == []
    run = client.get("/v1/runs?limit=1")["data"][0]
    inbox.page.goto(f"{live.address}/s/{run['session_id']}")
    Chat(inbox.page).sees("Campaign 103 is settled.")
    assert "Not before Friday" in str(model.requests[-1]["messages"][-1])


def test_s3_58_an_edited_value_must_fit_and_is_what_is_done(contexts, live, model, ask):
    contexts.allow("400")
    ask("104")
    inbox = Inbox(contexts.page(live.link), live.address)
    inbox.focus("Because of 104")
    inbox.press("e")
    field = inbox.page.get_by_label("Campaign id")
    expect(field).to_be_focused()
    expect(inbox.page.get_by_label("Account id")).to_have_value("20410001")
    inbox.page.get_by_label("Account id").fill("many")
    expect(inbox.page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
    inbox.page.get_by_label("Account id").fill("20410001")
    field.fill("not a number")
    inbox.page.get_by_role("button", name="Approve with changes").click()
    expect(inbox.card("Your decision was not saved.")).to_be_visible()
    assert model.campaigns == []
    field.fill("105")
    inbox.page.get_by_role("button", name="Approve with changes").click()
    expect(inbox.page.locator(".outcome")).to_contain_text("Approved with changes by you")
    expect(inbox.page.locator(".outcome")).to_contain_text("105")
    assert [campaign for campaign, _ in model.campaigns_after(1)] == ["105"]


def test_what_the_server_says_about_a_value_stands_under_it(contexts, live, ask):
    contexts.allow("400")
    ask("106")
    inbox = Inbox(contexts.page(live.link), live.address)
    problem = {"status": 400, "code": "invalid_arguments", "detail": "x", "errors": [{"field": "arguments.campaign_id", "message": "must be digits"}]}
    inbox.page.route("**/v1/approvals/apr_*", lambda route: route.fulfill(status=400, json=problem, content_type="application/problem+json"))
    inbox.focus("Because of 106")
    inbox.press("e")
    inbox.page.get_by_role("button", name="Approve", exact=True).click()
    field = inbox.page.get_by_label("Campaign id")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert "must be digits" in inbox.page.locator(f"[id='{field.get_attribute('aria-describedby')}']").inner_text()


def test_s3_59_who_comes_second_is_told_who_was_first(contexts, live, model, client, ask):
    contexts.allow("409")
    ask("107")
    inbox = Inbox(contexts.page(live.link), live.address)

    def decide_first(route):
        if route.request.method == "POST":
            client.call("POST", f"/v1/approvals/{client.waiting()[0]['id']}", {"decision": "reject", "note": "I was first"})
        route.continue_()

    inbox.page.route("**/v1/approvals/apr_*", decide_first)
    inbox.focus("Because of 107")
    inbox.approve_by_keys("Because of 107")
    expect(inbox.card("Someone else decided first.")).to_be_visible()
    expect(inbox.page.locator(".outcome")).to_contain_text("I was first")
    assert model.campaigns == []


def test_a_decision_made_elsewhere_appears_by_itself(contexts, live, client, ask):
    ask("108")
    inbox = Inbox(contexts.page(live.link), live.address)
    expect(inbox.card("Because of 108")).to_contain_text("Approve")
    client.call("POST", f"/v1/approvals/{client.waiting()[0]['id']}", {"decision": "reject"})
    expect(inbox.page.locator(".outcome")).to_contain_text("Rejected")


def test_s3_56_the_card_in_the_conversation_answers_to_its_keys(contexts, live, model):
    contexts.allow("400")
    arguments = {"campaign_id": "42", "account_id": 20410001}
    model.say("Pause 42", {"tool": "pause_campaign", "arguments": arguments, "then": "Paused it."})
    chat = Chat(contexts.page(live.link))
    chat.send("Pause 42")
    chat.sees("Nothing changes until you decide.")
    card = chat.page.locator(".approval")
    expect(card).to_contain_text("Assistant wants to run pause_campaign.")
    expect(card).to_contain_text("20410001")
    expect(card.locator("time")).to_contain_text("Expires")
    expect(card).to_be_focused()
    chat.page.wait_for_timeout(450)  # what is pressed as the card comes was not meant for it
    chat.page.keyboard.press("r")
    expect(card.get_by_label("Note")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(card).to_be_focused()
    chat.page.keyboard.press("e")
    card.get_by_label("Campaign id").fill("43")
    card.get_by_role("button", name="Approve with changes").click()
    chat.sees("Paused it.")
    assert [campaign for campaign, _ in model.campaigns_after(1)] == ["43"]


def asked_in_the_stream(contexts, live, model):
    model.say("Pause 42", {"tool": "pause_campaign", "arguments": {"campaign_id": "42", "account_id": 20410001}, "then": "Paused it."})
    chat = Chat(contexts.page(live.link))
    chat.send("Pause 42")
    chat.sees("Nothing changes until you decide.")
    return chat, chat.page.locator(".approval")


def test_one_key_press_never_approves(contexts, live, model):
    chat, card = asked_in_the_stream(contexts, live, model)
    expect(card).to_be_focused()
    chat.page.wait_for_timeout(450)
    chat.page.keyboard.press("a")
    expect(card.get_by_role("button", name="Press A again or Enter to approve")).to_be_visible()
    chat.page.keyboard.press("a")
    chat.page.keyboard.press("x")
    expect(card.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    chat.page.wait_for_timeout(450)
    chat.page.keyboard.press("a")
    chat.composer.focus()
    expect(card.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    card.focus()
    chat.page.keyboard.press("Enter")
    assert model.campaigns == []
    chat.page.wait_for_timeout(450)
    chat.page.keyboard.press("a")
    chat.page.wait_for_timeout(450)
    chat.page.keyboard.press("Enter")
    chat.sees("Paused it.")


def test_keys_of_a_card_that_is_not_selected_do_nothing(contexts, live, model):
    chat, card = asked_in_the_stream(contexts, live, model)
    chat.page.evaluate("document.activeElement.blur()")
    for key in ("a", "a", "e", "r", "Enter"):
        chat.page.keyboard.press(key)
    expect(card.get_by_role("button", name="Approve", exact=True)).to_be_visible()
    expect(card.get_by_role("textbox")).to_have_count(0)
    assert model.campaigns == []


def test_who_writes_goes_on_writing_when_a_card_comes(contexts, live, model):
    model.say("Pause 42", {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "Paused it."})
    model.gate.clear()
    model.hold_after = 0
    chat = Chat(contexts.page(live.link))
    chat.send("Pause 42")
    chat.page.wait_for_url(re.compile("/s/"))
    chat.composer.fill("An aria")
    model.gate.set()
    chat.sees("Nothing changes until you decide.")
    expect(chat.composer).to_be_focused()
    chat.page.keyboard.type(" aaa")
    expect(chat.composer).to_have_value("An aria aaa")
    assert model.campaigns == []


def test_the_buttons_are_the_same_in_both_places(contexts, live, model):
    chat, card = asked_in_the_stream(contexts, live, model)

    def names(place):
        expect(place.get_by_role("button").first).to_be_visible()
        return [name.split("\n")[0] for name in place.get_by_role("button").all_inner_texts()]

    def all_names(place):
        shown = names(place)
        place.get_by_role("button", name="Edit").click()
        expect(place.get_by_label("Campaign id")).to_be_visible()
        return shown, names(place)

    here = all_names(card)
    there = all_names(Inbox(chat.page, live.address).page.locator(".inbox-card"))
    assert here == there
    assert [name[:4] for name in here[0]] == ["Appr", "Edit", "Reje"]


def test_the_call_shows_what_ran_and_what_was_asked(contexts, live, model, client):
    model.say("Pause 42", {"tool": "pause_campaign", "arguments": {"campaign_id": "42", "account_id": 20410001}, "then": "Paused it."})
    chat = Chat(contexts.page(live.link))
    chat.send("Pause 42")
    chat.sees("Nothing changes until you decide.")
    approval = client.waiting()[0]
    client.call("POST", f"/v1/approvals/{approval['id']}", {"decision": "approve", "arguments": {"campaign_id": "43", "account_id": 20410001}})
    chat.sees("Paused it.")
    chat.log.locator(".activity-head").click()
    call = chat.log.locator(".step-head").filter(has_text="pause_campaign").filter(has_text="43")
    call.click()
    expect(chat.log.locator(".step-body")).to_contain_text('"campaign_id": "43"')
    expect(chat.log.locator(".step-body")).to_contain_text("campaign_id was 42")
    expect(chat.log.locator(".step-body")).not_to_contain_text("account_id was")


def test_the_trace_shows_what_ran_and_what_was_asked(contexts, live, model, client, ask):
    ask("42")
    run = client.get("/v1/runs?limit=1")["data"][0]
    page = contexts.page(live.link)

    def as_it_ran(route):
        trace = route.fetch().json()
        for span in trace["spans"]:
            if span["kind"] == "tool":
                span["detail"] |= {"asked": {"campaign_id": "42", "account_id": 20410001}, "params": {"campaign_id": "43", "account_id": 20410001}}
        route.fulfill(json=trace)

    client.call("POST", f"/v1/approvals/{client.waiting()[0]['id']}", {"decision": "approve"})
    page.route("**/v1/runs/*/trace", as_it_ran)
    page.goto(f"{live.address}/runs/{run['id']}")
    page.locator(".span-row").filter(has_text="pause_campaign").last.click()
    expect(page.locator(".span-panel")).to_contain_text("43 was 42")


@pytest.mark.parametrize("language,word,other", [("en-US", "values", "rgument"), ("pt-BR", "valores", "rgumento")])
def test_what_is_to_be_checked_and_what_can_be_edited_have_one_name(contexts, live, model, ask, language, word, other):
    ask("109")
    page = contexts.page(live.link, language=language)
    page.goto(live.address + "/approvals")
    card = page.locator(".inbox-card")
    expect(card.get_by_role("button").nth(1)).to_contain_text(word)
    expect(card.locator(".inbox-why").last).to_contain_text(word)
    expect(card).not_to_contain_text(other)
    page.locator(".session-link").click()
    asked = page.locator(".approval")
    expect(asked.locator(".approval-suggested")).to_contain_text(word)
    expect(asked).not_to_contain_text(other)


@pytest.mark.parametrize("language, again, doubt", [("en-US", "Run it again", "may have been done already"), ("pt-BR", "Executar de novo", "talvez já tenha sido feito")])
def test_a_doubt_is_said_once_in_the_words_of_the_buttons(contexts, live, model, ask, language, again, doubt):
    ask("110")
    model.breaks.add("110")
    page = contexts.page(live.link, language=language)
    page.goto(live.address + "/approvals")
    card = page.locator(".inbox-card").filter(has_text="Because of 110")
    card.focus()
    card.locator(".inbox-actions .button.primary").click()
    asks = page.locator(".inbox-card.open").filter(has_text="Because of 110")
    expect(asks).to_contain_text(doubt)
    expect(asks.locator(".inbox-why")).to_have_count(1)
    expect(asks.locator(".inbox-why")).to_contain_text(f"“{again}”")
    expect(asks.locator(".approval-warning")).to_have_count(0)
    page.get_by_role("navigation").get_by_role("link", name="Pause 110").click()
    question = page.locator(".approval")
    expect(question).to_contain_text(f"“{again}”")
    expect(question).to_contain_text("Pauses one campaign.")
    question.get_by_role("button", name=again).click()
    verdict = {"en-US": "Run again by you", "pt-BR": "Executado de novo por você"}[language]
    expect(page.locator(".activity-head")).to_contain_text(verdict)
    page.goto(live.address + "/approvals")
    expect(page.locator(".inbox-card").first).to_contain_text(verdict)


@pytest.fixture
def budget(model):
    """Has the agent set campaign 201's budget, which is 50 now, to something else."""
    model.reports["201"] = {"campaign_id": "201", "daily_budget": 50, "name": "Winter 2026", "ads": [{"id": 1}, {"id": 2}, {"id": 3}]}

    def budget(amount):
        arguments = {"campaign_id": "201", "daily_budget": amount}
        model.say(f"Budget {amount}", {"tool": "set_budget", "arguments": arguments, "then": f"Settled: {amount}."})

    return budget


def test_s2_36_s3_57_a_policy_asks_with_before_and_after(contexts, live, model, budget):
    """The person sees what would change, and from what, in the conversation and in the inbox."""
    budget(120)
    chat = Chat(contexts.page(live.link))
    chat.send("Budget 120")
    card = chat.page.locator(".approval")
    expect(card).to_contain_text("A policy of this project asks")
    expect(card).to_contain_text("More than twice of today's 50")
    expect(card).to_contain_text("Look at last week's results first")
    row = card.get_by_role("row").filter(has=chat.page.get_by_role("rowheader", name="Daily budget"))
    expect(row.get_by_role("cell")).to_have_text(["50", "120"])
    expect(card).to_contain_text("Winter 2026")
    expect(card).to_contain_text("3 in all")
    inbox = Inbox(contexts.page(live.new_link()), live.address)
    expect(inbox.card("set_budget").get_by_role("cell").filter(has_text="120")).to_be_visible()
    card.get_by_role("button", name=re.compile("^Approve")).click()
    expect(chat.page.get_by_text("Settled: 120.")).to_be_visible()
    assert model.campaigns_after(1) == [("201", {"daily_budget": 120})]


def test_s2_42_what_no_rule_minds_asks_nobody_and_what_is_denied_is_not_done(contexts, live, model, budget):
    budget(60)
    budget(5000)
    chat = Chat(contexts.page(live.link))
    chat.send("Budget 60")
    expect(chat.page.get_by_text("Settled: 60.")).to_be_visible()
    chat.send("Budget 5000")
    expect(chat.page.get_by_text("Settled: 5000.")).to_be_visible()
    expect(chat.page.locator(".approval")).to_have_count(0)
    assert model.campaigns_after(1) == [("201", {"daily_budget": 60})]


def test_arguments_that_a_policy_denies_are_refused_where_they_were_edited(contexts, live, model, budget):
    contexts.allow("403")
    budget(150)
    chat = Chat(contexts.page(live.link))
    chat.send("Budget 150")
    card = chat.page.locator(".approval")
    card.get_by_role("button", name=re.compile("^Edit")).click()
    card.get_by_label("Daily budget").fill("2000")
    card.get_by_role("button", name=re.compile("^Approve|^Save")).first.click()
    expect(card).to_contain_text("Never above 1000 a day.")
    card.get_by_label("Daily budget").fill("90")
    card.get_by_role("button", name=re.compile("^Approve|^Save")).first.click()
    expect(chat.page.get_by_text("Settled: 150.")).to_be_visible()
    assert model.campaigns_after(1) == [("201", {"daily_budget": 90})]
