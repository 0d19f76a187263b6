"""Runs: the list with its filters, and one run with its trace."""
import re

from chat import Chat
from playwright.sync_api import expect


def test_s3_64_filters_narrow_the_list_and_live_in_the_address(contexts, live, model, client):
    model.say("break", 400)
    client.run("First question")
    assert client.run("Please break")["status"] == "failed"
    page = contexts.page(live.link)
    page.goto(live.address + "/runs")
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(3)
    page.get_by_label("Status").select_option("failed")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("Please break")
    expect(page).to_have_url(re.compile(r"status=failed"))
    page.reload()
    expect(rows).to_have_count(2)
    page.get_by_label("Status").select_option("paused")
    expect(page.get_by_text("No run fits these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(rows).to_have_count(3)
    page.get_by_label("Conversation", exact=True).select_option("First question")
    expect(rows).to_have_count(2)


def test_a_new_run_appears_in_the_list_by_itself(contexts, live, client):
    page = contexts.page(live.link)
    page.goto(live.address + "/runs")
    expect(page.get_by_text("No runs yet")).to_be_visible()
    client.run("Out of nowhere")
    row = page.get_by_role("row").filter(has_text="Out of nowhere")
    expect(row).to_contain_text("Completed")


def test_s3_65_the_trace_shows_each_step_with_what_went_in_and_out(contexts, live, model):
    model.say("time", {"tool": "current_time", "arguments": {"time_zone": "America/Sao_Paulo"}, "then": "It is late."})
    chat = Chat(contexts.page(live.link))
    chat.asked("What time is it?", "It is late.")
    chat.last.locator("a[href^='/runs/']").click()
    page = chat.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Assistant")
    expect(page.locator(".page-head")).to_contain_text("Completed")
    bars = page.locator(".span-row")
    expect(bars.filter(has_text="current_time")).to_have_count(1)
    assert bars.count() >= 4
    bars.filter(has_text="current_time").click()
    panel = page.get_by_role("complementary", name="Details of this step")
    expect(panel).to_contain_text("America/Sao_Paulo")
    expect(panel).to_contain_text("weekday")
    page.keyboard.press("ArrowDown")
    expect(panel).not_to_contain_text("America/Sao_Paulo")
    page.get_by_role("button", name="Table").click()
    expect(page.get_by_role("row").filter(has_text="current_time")).to_be_visible()


def test_s3_66_a_run_is_followed_and_stopped_from_its_page(contexts, live, model, client):
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    accepted = client.call("POST", "/v1/runs?wait=0", {"content": "Tell a story"})
    page = contexts.page(live.link)
    page.goto(f"{live.address}/runs/{accepted['run_id']}")
    expect(page.locator(".page-head")).to_contain_text("Running")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".page-head")).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    model.gate.set()


def test_steps_appear_while_a_run_works_and_nothing_is_asked_in_vain(contexts, live, model, client):
    model.say("time", {"tool": "current_time", "arguments": {}, "then": "It is very late."})
    model.hold_after = 0
    model.gate.clear()
    accepted = client.call("POST", "/v1/runs?wait=0", {"content": "What time is it?"})
    page = contexts.page(live.link)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/trace") else None)
    page.goto(f"{live.address}/runs/{accepted['run_id']}")
    expect(page.locator(".page-head")).to_contain_text("Running")
    steps = page.locator(".span-row").filter(has_text="current_time")
    expect(steps).to_have_count(0)
    page.wait_for_timeout(600)
    model.hold_after = 1
    model.let_one_go_on()
    expect(steps).to_have_count(1)
    page.wait_for_timeout(1200)
    before = len(asked)
    page.wait_for_timeout(1800)
    assert len(asked) == before
    model.gate.set()
    expect(page.locator(".page-head")).to_contain_text("Completed")


def test_a_failed_run_says_why(contexts, live, model, client):
    model.say("break", 400)
    run = client.run("Please break")
    page = contexts.page(live.link)
    page.goto(f"{live.address}/runs/{run['id']}")
    expect(page.get_by_role("alert")).to_contain_text("refused the request")
    expect(page.get_by_role("alert")).to_contain_text("out of order")


def test_a_run_that_is_not_there_is_told(contexts, live):
    contexts.allow("404")
    page = contexts.page(live.link)
    page.goto(live.address + "/runs/run_01M8G24C3XEP8VM71JPHMXYJDQ")
    expect(page.get_by_text("This run does not exist")).to_be_visible()
