"""A conversation with a model: tools, approvals, stop, branches, drafts."""
import re

from chat import Chat
from playwright.sync_api import expect


def test_s2_92_the_answer_streams_with_its_tool_beside_it(contexts, live, model):
    model.say("time", {"tool": "current_time", "arguments": {}, "then": "It is **late**.\n\n| a | b |\n| - | - |\n| 1 | 2 |"})
    chat = Chat(contexts.page(live.link))
    chat.send("What time is it?")
    chat.sees("It is late.")
    expect(chat.log.locator("strong", has_text="late")).to_be_visible()
    expect(chat.log.get_by_role("table")).to_be_visible()
    chat.sees("Assistant")
    chat.is_at_rest()


def test_a_failed_tool_is_seen_without_opening_its_card(contexts, live, model):
    model.say("time", {"tool": "current_time", "arguments": {"time_zone": "Nowhere/Never"}, "then": "I do not know."})
    chat = Chat(contexts.page(live.link))
    chat.asked("What time is it?", "I do not know.")
    head = chat.log.locator(".activity-head")
    expect(head).to_have_attribute("aria-expanded", "false")
    expect(head).to_contain_text("Failed")
    expect(head.locator(".activity-failed svg")).to_be_visible()


def test_s3_53_text_is_shown_before_the_answer_is_whole(contexts, live, model):
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    chat = Chat(contexts.page(live.link))
    chat.send("Tell a story")
    chat.sees("Once upon a time")
    expect(chat.page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    model.gate.set()
    chat.sees("there was an end.")


def test_s3_55_stop_stops(contexts, live, model):
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    chat = Chat(contexts.page(live.link))
    chat.send("Tell a story")
    chat.sees("Once upon a time")
    chat.page.keyboard.press("Escape")
    chat.sees("You stopped this answer.")
    model.gate.set()
    chat.is_at_rest()
    expect(chat.log).not_to_contain_text("there was an end.")


def test_an_approval_is_decided_in_the_stream(contexts, live, model):
    model.say("Pause", {"tool": "pause_campaign", "arguments": {"campaign_id": "42"}, "then": "That is settled."})
    chat = Chat(contexts.page(live.link))
    chat.send("Pause campaign 42")
    chat.sees("Nothing changes until you decide.")
    chat.page.get_by_role("button", name=re.compile("^Reject")).first.click()
    confirm = chat.page.get_by_role("button", name="Reject", exact=True)
    if confirm.count():
        confirm.last.click()
    chat.sees("That is settled.")


def test_s3_54_an_edited_message_runs_again_and_the_old_branch_stays(contexts, live, model):
    model.say("red", "You said red.")
    model.say("blue", "You said blue.")
    chat = Chat(contexts.page(live.link))
    chat.send("My colour is red")
    chat.sees("You said red.")
    chat.is_at_rest()
    chat.log.get_by_text("My colour is red").hover()
    chat.page.get_by_role("button", name="Edit message").click()
    box = chat.page.get_by_role("textbox", name="Your message")
    box.fill("My colour is blue")
    box.press("Enter")
    chat.sees("You said blue.")
    expect(chat.log).not_to_contain_text("You said red.")
    chat.page.get_by_role("button", name="Previous version").click()
    chat.sees("You said red.")
    expect(chat.log).not_to_contain_text("You said blue.")
    assert [m["content"] for m in model.requests[-1]["messages"] if m["role"] == "user"] == ["My colour is blue"]


def test_a_draft_is_kept_over_a_reload(contexts, live):
    chat = Chat(contexts.page(live.link))
    chat.composer.fill("Half a thought")
    chat.page.reload()
    expect(chat.composer).to_have_value("Half a thought")


def test_a_session_is_found_again_with_everything(contexts, live, model):
    model.default = "An answer to come back to."
    chat = Chat(contexts.page(live.link))
    chat.send("Remember this")
    chat.sees("An answer to come back to.")
    chat.page.reload()
    chat.sees("Remember this")
    chat.sees("An answer to come back to.")


def test_stop_ends_the_running_answer_and_what_waits_has_its_own_cancel(contexts, live, model):
    model.say("story", "Once upon a time there was an end.")
    model.say("second", "The second answer.")
    model.hold_after = 2
    model.gate.clear()
    chat = Chat(contexts.page(live.link))
    chat.send("Tell a story")
    chat.sees("Once upon")
    for text in ("The second question", "The third question"):
        chat.send(text)
        expect(chat.last).to_contain_text(text)
    expect(chat.log.get_by_text("Waiting for its turn")).to_have_count(2)
    chat.last.get_by_role("button", name="Cancel this message").click()
    expect(chat.last).to_contain_text("Cancelled before its turn came.")
    expect(chat.last.locator(".turn-numbers")).not_to_contain_text("ms")
    chat.page.keyboard.press("Escape")
    chat.sees("You stopped this answer.")
    model.gate.set()
    chat.sees("The second answer.")
    chat.is_at_rest()
    expect(chat.log.get_by_text("Cancelled before its turn came.")).to_have_count(1)


def test_who_goes_on_typing_while_the_first_message_gets_its_address_loses_nothing(contexts, live, model):
    held = []
    chat = Chat(contexts.page(live.link))
    page = chat.page
    page.route("**/v1/runs?wait=0", lambda route: held.append(route))
    chat.send("The first message")
    expect(chat.last).to_contain_text("The first message")
    chat.composer.evaluate("field => (window.__field = field)")
    page.keyboard.type("Before and ")
    held.pop().continue_()
    page.wait_for_url(re.compile("/s/ses_"))
    page.keyboard.type("after")
    chat.sees("Hello from the model.")
    page.keyboard.type(" it.")
    expect(chat.composer).to_have_value("Before and after it.")
    expect(chat.composer).to_be_focused()
    assert page.evaluate("window.__field.isConnected && window.__field === document.activeElement")
    page.keyboard.press("Enter")
    expect(chat.last).to_contain_text("Before and after it.")
    expect(chat.last).to_contain_text("Hello from the model.")
    assert [m["content"] for m in model.requests[-1]["messages"] if m["role"] == "user"] == ["The first message", "Before and after it."]


def test_each_conversation_has_its_own_draft(contexts, live, client):
    run = client.run("An old one")
    chat = Chat(contexts.page(live.link))
    chat.page.goto(f"{live.address}/s/{run['session_id']}")
    chat.composer.fill("For the old one")
    chat.page.get_by_role("link", name=re.compile("^New chat")).click()
    expect(chat.composer).to_have_value("")
    chat.asked("A new one", "Hello from the model.")
    chat.composer.fill("For the new one")
    chat.page.get_by_role("link", name="An old one").click()
    expect(chat.composer).to_have_value("For the old one")
    chat.page.get_by_role("link", name=re.compile("^New chat")).click()
    expect(chat.composer).to_have_value("")
    chat.page.get_by_role("link", name="A new one").click()
    expect(chat.composer).to_have_value("For the new one")


def edited(chat, before, after, answer):
    chat.log.get_by_text(before).hover()
    chat.log.get_by_role("article").filter(has_text=before).get_by_role("button", name="Edit message").click()
    box = chat.page.get_by_role("textbox", name="Your message")
    box.fill(after)
    box.press("Enter")
    chat.sees(answer)
    chat.is_at_rest()


def test_another_version_of_a_message_stands_where_the_message_stood(contexts, live, model):
    model.say("long", "\n\n".join(f"Paragraph {number} of a long answer." for number in range(40)) + "\n\nThe long end.")
    model.say("short", "The short end.")
    model.default = "\n\n".join(f"Line {number} of what was said before." for number in range(30)) + "\n\nThe first end."
    chat = Chat(contexts.page(live.link))
    chat.asked("Begin", "The first end.")
    chat.asked("My answer is long", "The long end.")
    edited(chat, "My answer is long", "My answer is short", "The short end.")
    place = lambda: chat.last.locator(".bubble").bounding_box()["y"]  # noqa: E731
    chat.last.locator(".bubble").scroll_into_view_if_needed()
    for name, end, other in (("Previous version", "The long end.", "The short end."), ("Next version", "The short end.", "The long end.")):
        before = place()
        chat.page.get_by_role("button", name=name).click()
        expect(chat.last).to_contain_text(end)
        expect(chat.last).not_to_contain_text(other)
        chat.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))")
        assert abs(place() - before) <= 1
    chat.asked("And on", "The first end.")
    expect(chat.last.locator(".turn-foot")).to_be_in_viewport()


def test_the_switch_of_versions_ends_where_its_bubble_ends(contexts, live, model):
    model.say("short", "The short end.")
    chat = Chat(contexts.page(live.link))
    chat.asked("A question that is long enough for a wide bubble", "Hello from the model.")
    edited(chat, "A question that is long", "A short question that is wide enough for a bubble", "The short end.")
    switch, bubble = (chat.last.locator(part).bounding_box() for part in (".versions", ".bubble"))
    assert abs(switch["x"] + switch["width"] - bubble["x"] - bubble["width"]) <= 2
    assert switch["x"] >= bubble["x"]
    assert 0 <= switch["y"] - bubble["y"] - bubble["height"] <= 10


def test_the_answer_says_which_model_gave_it(contexts, live, model):
    chat = Chat(contexts.page(live.link))
    chat.asked("Hello", "Hello from the model.")
    expect(chat.last.locator(".turn-numbers")).to_contain_text("Assistant · tiny")
    chat.last.locator(".turn-numbers").click()
    expect(chat.page.locator(".span-row").filter(has_text="tiny")).to_have_count(1)
    chat.page.locator(".span-row").filter(has_text="tiny").click()
    expect(chat.page.locator(".span-panel .span-facts")).to_contain_text("Modeltiny")


def test_an_edit_says_what_sending_does_and_gives_the_focus_back(contexts, live):
    chat = Chat(contexts.page(live.link))
    chat.asked("First words", "Hello from the model.")
    pencil = chat.page.get_by_role("button", name="Edit message")
    pencil.click()
    expect(chat.log.locator(".editor")).to_contain_text("Sending makes a new version.")
    chat.page.keyboard.press("Escape")
    expect(pencil).to_be_focused()
    pencil.click()
    chat.log.get_by_role("textbox", name="Your message").fill("Other words")
    chat.page.keyboard.press("Enter")
    chat.sees("2/2")
    expect(chat.composer).to_be_focused()
