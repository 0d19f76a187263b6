"""The states of each list: on its way, failed with one way out, empty, and what comes after."""
import re

from playwright.sync_api import expect
import pytest

LISTS = [("/approvals", "**/v1/approvals?*", "Nothing is waiting for you"), ("/runs", "**/v1/runs?*", "No runs yet"),
         ("/settings/people", "**/v1/users?*", None), ("/settings/keys", "**/v1/keys?*", "No keys yet"),
         ("/settings/models", "**/v1/secrets*", "No secrets yet")]
BROKEN = {"status": 500, "code": "internal", "title": "Internal", "detail": "Something broke on the server."}


def fails(route):
    route.fulfill(status=500, json=BROKEN, content_type="application/problem+json")


@pytest.mark.parametrize("place,pattern,nothing", LISTS)
def test_a_list_is_on_its_way_then_failed_then_there(contexts, live, place, pattern, nothing):
    contexts.allow("500")
    page = contexts.page(live.link)
    page.get_by_role("textbox").first.wait_for()
    held = []
    answer = [held.append]
    page.route(pattern, lambda route: answer[0](route))
    page.goto(live.address + place)
    expect(page.locator("main [role=status] .skeleton, main .card-skeleton").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    answer[0] = fails
    for route in held:
        fails(route)
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Something broke on the server.")
    expect(page.locator("main .skeleton")).to_have_count(0)
    again = page.locator("main").get_by_role("button", name="Try again")
    expect(again).to_have_count(1)
    answer[0] = lambda route: route.continue_()
    again.click()
    expect(page.locator("main").get_by_role("alert")).to_have_count(0)
    expect(page.get_by_text(nothing) if nothing else page.get_by_role("listitem").filter(has_text="Owner")).to_be_visible()


def test_the_rest_of_a_list_that_failed_is_asked_for_again(contexts, live, client):
    contexts.allow("500")
    for number in range(42):
        client.run(f"Question {number}")
    page = contexts.page(live.link)
    page.get_by_role("textbox").first.wait_for()
    answer = [fails]
    page.route(re.compile(r"/v1/runs\?.*cursor="), lambda route: answer[0](route))
    page.goto(live.address + "/runs")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(41)
    rows.last.scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    answer[0] = lambda route: route.continue_()
    page.get_by_role("button", name="Try again").click()
    expect(rows).to_have_count(43)
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_conversation_on_its_way_names_nobody_who_may_not_be_in_it(contexts, live, client):
    run = client.run("A question")
    page = contexts.page(live.link)
    page.get_by_role("textbox").first.wait_for()
    held = []
    page.route("**/v1/sessions*", lambda route: held.append(route))
    page.route("**/v1/sessions/*", lambda route: held.append(route))
    page.goto(f"{live.address}/s/{run['session_id']}")
    expect(page.locator(".thread-skeleton")).to_be_visible()
    expect(page.locator(".page-head .pill")).to_have_count(0)
    for route in held:
        route.continue_()
    expect(page.locator(".page-head .pill")).to_have_text("Assistant")
