"""The queue among the settings: what comes next, what failed for good, and what can be done about it."""
from playwright.sync_api import expect
import pytest
from settings import Settings
from test_every_page import findings, is_too_wide

KINDS = ["log-compaction", "file-sweep", "sign-in-sweep", "job-pruning"]
BROKEN = {"status": 500, "code": "internal", "title": "Internal", "detail": "Something broke on the server."}
DEAD = {
    "id": "job_01KC0000000000000000000000", "queue": "maintenance", "kind": "file-sweep", "status": "dead", "cancelling": False, "priority": 90,
    "attempts": 3, "max_attempts": 3, "every_seconds": 3600, "unique_key": "file-sweep", "user": None, "payload": {}, "node": None,
    "run_at": "2026-01-19T10:00:00.000Z", "created_at": "2026-01-19T09:00:00.000Z", "started_at": "2026-01-19T10:00:00.000Z",
    "ended_at": "2026-01-19T10:00:09.000Z", "error": "full: the disk is full " + "x" * 300,
    "reason": {"code": "attempts_exhausted", "detail": "It failed at every attempt. Remove the cause that the last error names, then retry it."},
}


def opened(contexts, server, **how):
    settings = Settings(contexts.page(server.link, **how), server.address)
    settings.page.get_by_role("textbox").first.wait_for()
    return settings


def test_what_comes_next_is_shown_cancelled_and_retried(contexts, hello):
    settings = opened(contexts, hello)
    settings.open("jobs")
    for kind in KINDS:
        expect(settings.row(kind)).to_contain_text("Scheduled")
        expect(settings.row(kind)).to_contain_text("every 1")
    settings.press("Cancel job-pruning")
    expect(settings.dialog).to_contain_text("it comes again by itself")
    settings.dialog.get_by_role("button", name="Cancel job").click()
    expect(settings.page.locator(".toasts")).to_contain_text("job-pruning was cancelled")
    expect(settings.row("job-pruning")).to_contain_text("Cancelled")
    settings.press("Refresh")
    expect(settings.row("job-pruning")).to_have_count(2)
    settings.press("Retry job-pruning")
    expect(settings.page.locator(".toasts")).to_contain_text("job-pruning is queued again")
    expect(settings.page.get_by_role("button", name="Retry job-pruning")).to_have_count(0)
    for _ in range(300):
        settings.press("Refresh")
        if settings.row("job-pruning").filter(has_text="Done").count() == 1:
            break
        settings.page.wait_for_timeout(200)
    expect(settings.row("job-pruning").filter(has_text="Done")).to_have_count(1)


def test_a_list_is_on_its_way_then_failed_then_there_and_a_part_of_it_empty(contexts, hello):
    contexts.allow("500")
    settings = opened(contexts, hello)
    page, held = settings.page, []
    answer = [held.append]
    page.route("**/v1/jobs?*", lambda route: answer[0](route))
    page.goto(hello.address + "/settings/jobs")
    expect(page.locator("main [role=status] .skeleton").first).to_be_visible()
    answer[0] = lambda route: route.fulfill(status=500, json=BROKEN, content_type="application/problem+json")
    for route in held:
        answer[0](route)
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Something broke on the server.")
    answer[0] = lambda route: route.continue_()
    page.locator("main").get_by_role("button", name="Try again").click()
    expect(settings.row("file-sweep")).to_be_visible()
    settings.press("Dead letters")
    expect(page.get_by_role("heading", name="No dead letters")).to_be_visible()
    settings.press("Running")
    expect(page.get_by_role("heading", name="Nothing is running right now")).to_be_visible()


@pytest.mark.parametrize("theme,width,language", [("light", 390, "pt-BR"), ("dark", 1440, "en-US"), ("dark", 390, "en-US"), ("light", 1440, "pt-BR")])
def test_a_dead_letter_says_why_and_a_retry_that_does_not_go_says_so(contexts, hello, theme, width, language):
    contexts.allow("409")
    settings = opened(contexts, hello, theme=theme, width=width, language=language)
    page = settings.page
    page.route("**/v1/jobs?*", lambda route: route.fulfill(json={"data": [DEAD], "next_cursor": None}))
    detail = "Another job of the same kind and key waits or runs."
    page.route("**/v1/jobs/*/retry", lambda route: route.fulfill(
        status=409, json={"status": 409, "code": "job_duplicate", "title": "Conflict", "detail": detail}, content_type="application/problem+json"))
    settings.open("jobs")
    expect(settings.row("file-sweep")).to_contain_text(DEAD["reason"]["detail"])
    expect(settings.row("file-sweep")).to_contain_text("the disk is full")
    assert findings(page) == []
    assert not is_too_wide(page)
    settings.press("Retry file-sweep" if language == "en-US" else "Tentar file-sweep de novo")
    expect(settings.row("file-sweep").get_by_role("alert").or_(settings.row("file-sweep").locator(".notice"))).to_contain_text(detail)
    assert findings(page) == []
    assert not is_too_wide(page)


def test_members_have_no_such_part(contexts, live, person):
    person("member@example.com")
    contexts.allow("403")
    page = contexts.page(live.new_link("member@example.com"))
    page.get_by_role("textbox").first.wait_for()
    page.goto(live.address + "/settings/jobs")
    expect(page.get_by_text("This part is for administrators")).to_be_visible()
    expect(page.get_by_role("link", name="Jobs")).to_have_count(0)
