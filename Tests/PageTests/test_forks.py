"""A run forked from any of its events, with another message, prompt, model or result, and a fork that shows what it has otherwise."""
import re

import pytest
from batuta_server import BatutaServer
from client import Client
from conftest import EXAMPLE_PROJECT
from playwright.sync_api import expect
from test_every_page import findings, is_there, is_too_wide

LOOKS = [("light", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 390, "pt-BR"), ("dark", 1440, "pt-BR")]


@pytest.fixture
def studio(tmp_path, browser, model, contexts):
    """A project with two models, and a run that asked a tool before it answered."""
    files = {path.relative_to(EXAMPLE_PROJECT).as_posix(): path.read_text().replace("MODEL_URL", model.url)
             for path in EXAMPLE_PROJECT.rglob("*") if path.is_file()}
    files["batuta.yaml"] = files["batuta.yaml"].replace("model: tiny }", "model: tiny }\n  calm: { provider: local, model: calm }")
    model.say("What time", {"tool": "current_time", "arguments": {"time_zone": "UTC"}, "then": "It is late."})
    model.say("What day", "It is Monday.")
    server = BatutaServer(tmp_path / "studio", files=files)
    client = Client(browser, server)
    server.client, server.run = client, client.run("What time is it?")
    yield server
    contexts.close()
    client.close()
    server.stop()


class Forking:
    """The dialog as a person handles it."""

    def __init__(self, contexts, server, link=None, **how):
        self.server = server
        self.page = contexts.page(link or server.new_link(), **how)
        self.page.get_by_role("textbox").first.wait_for()
        self.page.goto(f"{server.address}/runs/{server.run['id']}")
        is_there(self.page)
        self.dialog = self.page.get_by_role("dialog")

    def open(self, name="Fork"):
        self.page.locator(".page-head").get_by_role("button", name=name, exact=True).click()
        expect(self.sum).to_be_visible()
        return self

    def open_at(self, step):
        self.page.get_by_role("button", name=re.compile(f"^{step}")).first.click()
        self.page.get_by_role("button", name="Fork from here").click()
        expect(self.sum).to_be_visible()
        return self

    def send(self):
        """The body that went to the server."""
        with self.page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/fork")) as sent:
            self.dialog.get_by_role("button", name="Fork", exact=True).click()
        return sent.value.post_data_json

    @property
    def sum(self):
        return self.dialog.locator(".fork-sum[role=status]")

    @property
    def note(self):
        return self.page.get_by_role("note").filter(has_text="Forked from")


def test_s3_54_each_field_holds_what_it_was_and_only_what_was_changed_is_sent(contexts, studio, model):
    fork = Forking(contexts, studio).open()
    message, prompt = fork.dialog.get_by_role("textbox", name="Message"), fork.dialog.get_by_role("textbox", name="Instructions")
    expect(message).to_have_value("What time is it?")
    expect(prompt).to_have_value(re.compile("^You are a helpful assistant. Answer in \\$language."))
    expect(fork.dialog.get_by_role("combobox", name="Model")).to_have_value("default")
    expect(fork.sum).to_contain_text("Nothing is changed")
    prompt.fill("You doubt.")
    prompt.press("Tab")
    fork.dialog.get_by_role("button", name="Put back Instructions").click()
    expect(prompt).to_be_focused()
    expect(prompt).to_have_value(re.compile("^You are a helpful assistant"))
    message.fill("What day is it?")
    expect(fork.sum).to_have_text("Changed: message.")
    body = fork.send()
    assert body["changes"] == {"content": "What day is it?"}, body
    expect(fork.page).to_have_url(re.compile("/s/ses_"))
    expect(fork.page.get_by_role("log")).to_contain_text("It is Monday.")
    expect(fork.note).to_contain_text("Changed: message.")
    expect(fork.note.locator(".diff-line.removed")).to_contain_text("What time is it?")
    expect(fork.note.locator(".diff-line.added")).to_contain_text("What day is it?")


def test_s3_54_prompt_and_model_are_others_and_the_fork_leads_to_its_original(contexts, studio, model):
    fork = Forking(contexts, studio).open()
    fork.dialog.get_by_role("textbox", name="Instructions").fill("You doubt everything.")
    fork.dialog.get_by_role("combobox", name="Model").select_option("calm")
    body = fork.send()
    assert body["changes"] == {"instructions": "You doubt everything.", "model": "calm"}, body
    expect(fork.page.get_by_role("log")).to_contain_text("It is late.")
    asked = model.requests[-1]
    assert asked["model"] == "calm" and asked["messages"][0]["content"].startswith("You doubt everything.")
    note = fork.note
    expect(note.locator(".fork-model")).to_have_text(re.compile("was default → now calm"))
    expect(note.locator(".diff-line.added")).to_contain_text("You doubt everything.")
    note.get_by_role("button", name="Hide what was changed").click()
    expect(note.locator(".diff-line")).to_have_count(0)
    note.get_by_role("link", name=re.compile("^event")).click()
    expect(fork.page).to_have_url(re.compile(studio.run["id"]))
    is_there(fork.page)
    expect(fork.note).to_have_count(0)


def test_s3_54_a_result_of_a_tool_is_another_and_marked_at_its_call(contexts, studio, model):
    fork = Forking(contexts, studio).open_at("current_time")
    result = fork.dialog.get_by_role("textbox", name="Result of current_time")
    result.fill("{ not json")
    fork.dialog.get_by_role("button", name="Fork", exact=True).click()
    expect(fork.dialog.get_by_text("This is not valid JSON")).to_be_visible()
    expect(result).to_be_focused()
    result.fill('{"now": "half past nine"}')
    before = len(model.requests)
    body = fork.send()
    assert list(body["changes"]) == ["tool_results"] and list(body["changes"]["tool_results"].values()) == [{"now": "half past nine"}]
    log = fork.page.get_by_role("log")
    expect(log).to_contain_text("It is late.")
    assert len(model.requests) == before + 1 and "half past nine" in model.requests[-1]["messages"][-1]["content"]
    expect(log.locator(".activity")).to_contain_text("Result changed")
    log.locator(".activity button").first.click()
    log.get_by_role("button", name=re.compile("^current_time.*Result changed")).click()
    expect(log).to_contain_text("half past nine")
    expect(log.get_by_text("Before the fork")).to_be_visible()
    expect(fork.note).to_contain_text("Changed: results of tools.")


def test_at_the_end_there_is_nothing_to_change_and_an_earlier_moment_can_be_chosen(contexts, studio):
    fork = Forking(contexts, studio).open()
    start = fork.dialog.get_by_label("From", exact=True)
    start.select_option(index=start.locator("option").count() - 1)
    expect(fork.dialog).to_contain_text("the run has its answer")
    expect(fork.dialog.get_by_role("textbox", name="Message")).to_have_count(0)
    start.select_option(index=0)
    expect(fork.dialog.get_by_role("textbox", name="Message")).to_have_value("What time is it?")


def test_what_the_server_refuses_is_said_at_its_field(contexts, studio):
    contexts.allow("400 (Bad Request)")
    fork = Forking(contexts, studio).open()
    prompt = fork.dialog.get_by_role("textbox", name="Instructions")
    prompt.fill("You sell in $shop.")
    fork.send()
    expect(fork.dialog.locator(".problem")).to_contain_text("$shop")
    expect(prompt).to_be_focused()
    expect(prompt).to_have_attribute("aria-invalid", "true")
    fork.page.keyboard.press("Escape")
    expect(fork.dialog).to_have_count(0)
    expect(fork.page.locator(".page-head").get_by_role("button", name="Fork", exact=True)).to_be_focused()


def test_a_member_changes_message_and_results_but_not_the_agent(contexts, browser, studio):
    studio.client.call("POST", "/v1/users", {"email": "member@example.com", "role": "member"})
    member = Client(browser, studio, studio.new_link("member@example.com"))
    studio.run = member.run("What time is it?")
    member.close()
    fork = Forking(contexts, studio, studio.new_link("member@example.com")).open_at("current_time")
    expect(fork.dialog.get_by_role("textbox", name="Message")).to_be_visible()
    expect(fork.dialog.get_by_role("textbox", name="Result of current_time")).to_be_visible()
    expect(fork.dialog.get_by_role("textbox", name="Instructions")).to_have_count(0)
    expect(fork.dialog.get_by_role("combobox", name="Model")).to_have_count(0)


@pytest.mark.parametrize("theme,width,language", LOOKS)
def test_s4_8_the_dialog_and_a_fork_are_for_everybody(contexts, studio, theme, width, language):
    ground = studio.client.get(f"/v1/runs/{studio.run['id']}/fork?from_event=2")
    calls = studio.client.get(f"/v1/runs/{studio.run['id']}/trace")["spans"]
    event = next(span["event"] for span in calls if span["kind"] == "tool")
    call = studio.client.get(f"/v1/runs/{studio.run['id']}/fork?from_event={event}")["tool_results"][0]["call_id"]
    changes = {"content": "What time is it in São Paulo?", "instructions": ground["instructions"] + "\nBe brief.", "model": "calm",
               "tool_results": {call: {"now": "half past nine"}}}
    forked = studio.client.call("POST", f"/v1/runs/{studio.run['id']}/fork", {"from_event": event, "changes": changes})
    fork = Forking(contexts, studio, theme=theme, width=width, language=language)
    fork.page.locator(".page-head .page-head-actions button").first.click()
    expect(fork.sum).to_be_visible()
    assert findings(fork.page) == []
    assert not is_too_wide(fork.page)
    assert fork.dialog.evaluate("dialog => dialog.scrollWidth > dialog.clientWidth") is False
    for path in (f"/s/{forked['session_id']}", f"/runs/{forked['run_id']}"):
        fork.page.goto(studio.address + path)
        is_there(fork.page)
        toggle = fork.page.locator(".fork-toggle")
        toggle.wait_for()
        if toggle.get_attribute("aria-expanded") == "false":
            toggle.click()
        expect(fork.page.locator(".fork-model")).to_contain_text("calm")
        assert findings(fork.page) == [], path
        assert not is_too_wide(fork.page), path
