"""Usage: what models were asked and cost, as figures, as a plot with its table, by agent, model and person; and what budgets leave."""
import datetime
import re

from batuta_server import BatutaServer
from client import Client
from conftest import EXAMPLE_PROJECT
from playwright.sync_api import expect
import pytest
from test_every_page import findings, is_there, is_too_wide


@pytest.fixture
def priced(tmp_path, browser, model, contexts):
    """A project whose model has a price and whose people have a budget; one run of it cost something."""
    files = {path.relative_to(EXAMPLE_PROJECT).as_posix(): path.read_text().replace("MODEL_URL", model.url)
             for path in EXAMPLE_PROJECT.rglob("*") if path.is_file()}
    files["batuta.yaml"] += "prices:\n  tiny: { input: 1000.0, output: 50.0 }\nbudgets: { run: 5.00, user_per_day: 10.00, project_per_month: 40.00 }\n"
    server = BatutaServer(tmp_path / "priced", files=files)
    server.client = Client(browser, server)
    run = server.client.run("Hello")
    assert run["status"] == "completed", run
    yield server
    contexts.close()
    server.client.close()
    server.stop()


def opened(contexts, server, **how):
    page = contexts.page(server.new_link(), **how)
    page.get_by_role("textbox").first.wait_for()
    page.goto(server.address + "/usage")
    is_there(page)
    return page


def part(page, name):
    return page.get_by_role("region", name=name)


def cost(server):
    """Of everything until now, as the page shows it."""
    total = server.client.get("/v1/usage")["total"]
    assert total["cost_usd"] > 0
    return f"${total['cost_usd']:.2f}"


def test_s3_62_a_run_is_in_the_figures_the_plot_its_table_and_the_breakdown(contexts, priced):
    page = opened(contexts, priced)
    told = cost(priced)
    expect(page.locator("dl")).to_contain_text(told)
    plot = part(page, "By day").get_by_role("img")
    expect(plot).to_have_accessible_name(re.compile(rf"^Cost by day from .+: {re.escape(told)} in all, most on .+ with {re.escape(told)}\.$"))
    expect(plot.locator(".plot-bar")).to_have_count(1)
    expect(part(page, "By day").get_by_role("row")).to_have_count(2)
    expect(part(page, "By day").get_by_role("row").last).to_contain_text(told)
    by = part(page, "By who asked whom")
    expect(by.get_by_role("row").last).to_contain_text("Assistant")
    by.get_by_role("button", name="Model").click()
    expect(by.get_by_role("row").last).to_contain_text("tiny")
    by.get_by_role("button", name="Person").click()
    expect(by.get_by_role("row").last).to_contain_text("The server's owner")
    assert findings(page) == []


def first_of_seven_days():
    return (datetime.date.today() - datetime.timedelta(days=6)).isoformat()


def test_the_measure_the_period_and_whose_are_chosen(contexts, priced):
    page = opened(contexts, priced)
    page.get_by_role("button", name="Tokens", exact=True).click()
    total = priced.client.get("/v1/usage")["total"]
    tokens = total["input_tokens"] + total["output_tokens"]
    expect(part(page, "By day").get_by_role("img").locator("title")).to_contain_text(str(tokens))
    before = first_of_seven_days()
    # The day may end meanwhile.
    with page.expect_request(lambda request: "/v1/usage?" in request.url and any(f"from={day}" in request.url for day in (before, first_of_seven_days()))):
        page.get_by_role("button", name="7 days").click()
    expect(part(page, "By day").get_by_role("img")).to_be_visible()
    with page.expect_request(lambda request: "/v1/usage?" in request.url and "user=me" in request.url):
        page.get_by_role("button", name="Only me").click()
    expect(part(page, "By day").get_by_role("img")).to_be_visible()


def test_s2_140_budgets_tell_what_is_left(contexts, priced):
    page = opened(contexts, priced)
    budgets = part(page, "Budgets")
    told = {item["budget"]: item for item in priced.client.get("/v1/budgets")["data"]}
    expect(budgets.get_by_role("listitem").filter(has_text="Each run")).to_contain_text("at most $5.00")
    expect(budgets.get_by_role("listitem").filter(has_text="You, each day")).to_contain_text(f"${told['user_per_day']['left_usd']:.2f} of $10.00 left")
    expect(budgets.get_by_role("listitem").filter(has_text="The project, each month")).to_contain_text("of $40.00 left")


def test_s4_16_what_caches_saved_is_told(contexts, hello):
    figures = {"calls": 3, "cache_hits": 1, "input_tokens": 10, "output_tokens": 5, "cost_usd": 0.3, "saved_usd": 0.1}
    page = contexts.page(hello.link)
    page.get_by_role("textbox").first.wait_for()
    today = datetime.date.today().isoformat()
    report = {"from": today, "to": today, "time_zone": "UTC", "group_by": ["day"], "data": [{"day": today, **figures}], "total": figures, "next_cursor": None}
    page.route("**/v1/usage?*", lambda route: route.fulfill(json=report))
    page.goto(hello.address + "/usage")
    expect(page.locator("dl")).to_contain_text("25% of all questions were answered from a cache")
    expect(page.locator("dl")).to_contain_text("$0.10")


def test_nothing_used_and_no_budget(contexts, hello):
    page = opened(contexts, hello)
    expect(page.get_by_role("heading", name="Nothing was used in this period").first).to_be_visible()
    expect(page.get_by_role("heading", name="No budget is set")).to_be_visible()
    assert findings(page) == []


def test_a_member_sees_their_own(contexts, priced):
    priced.client.call("POST", "/v1/users", {"email": "member@example.com", "role": "member"})
    page = contexts.page(priced.new_link("member@example.com"))
    page.get_by_role("textbox").first.wait_for()
    page.goto(priced.address + "/usage")
    expect(page.get_by_role("heading", name="Nothing was used in this period").first).to_be_visible()
    expect(page.get_by_role("button", name="Everyone")).to_have_count(0)
    expect(page.get_by_role("button", name="Person")).to_have_count(0)
    expect(part(page, "Budgets").get_by_role("listitem").filter(has_text="The project")).to_have_count(0)


@pytest.mark.parametrize("theme,width,language", [("light", 390, "pt-BR"), ("dark", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 1440, "pt-BR")])
def test_s4_8_usage_in_both_themes_widths_and_languages(contexts, priced, theme, width, language):
    page = opened(contexts, priced, theme=theme, width=width, language=language)
    expect(page.locator(".plot-bar").first).to_be_visible()
    assert findings(page) == []
    assert not is_too_wide(page)
