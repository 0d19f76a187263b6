"""Pictures of the page. Without arguments those of docs/images; with `--all FOLDER` every page in both themes, languages and widths, to look at."""
import pathlib
import sys
import tempfile

from batuta_server import ROOT, BatutaServer
from demo import Demo
from playwright.sync_api import expect, sync_playwright

WIDE, NARROW = (1440, 900), (390, 844)


class Camera:
    def __init__(self, browser, folder):
        self.browser = browser
        self.folder = folder

    def at(self, link, language, theme, size):
        context = self.browser.new_context(
            locale="pt-BR" if language == "pt-BR" else "en-US", color_scheme=theme, viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce", timezone_id="America/Sao_Paulo")
        page = context.new_page()
        page.goto(link)
        page.locator("main").wait_for()
        return page

    def shoot(self, page, name, full=False):
        expect(page.locator(".skeleton, .opening")).to_have_count(0)
        page.evaluate("document.fonts.ready")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        path = self.folder / f"{name}.png"
        page.screenshot(path=path, animations="disabled", caret="hide", full_page=full)
        return path


def template(language):
    """The hello project as it is in this tree, which the program may not have built in yet."""
    folder = ROOT / "templates/hello" / language
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def docs(camera, en, pt, hello):
    page = camera.at(en.server.new_link(), "en", "light", WIDE)
    page.goto(f"{en.server.address}/s/{en.runs['report']['session_id']}")
    expect(page.locator(".katex").first).to_be_visible()
    camera.shoot(page, "chat-light")
    page.goto(f"{en.server.address}/runs/{en.runs['report']['id']}")
    page.locator(".span-row").filter(has_text="campaign_report").click()
    expect(page.get_by_role("complementary").last).to_contain_text("981")
    camera.shoot(page, "runs-trace")
    page = camera.at(en.server.new_link(), "en", "dark", WIDE)
    page.goto(f"{en.server.address}/s/{en.runs['asks']['session_id']}")
    expect(page.locator(".approval")).to_be_visible()
    camera.shoot(page, "chat-dark-approval")
    page.goto(f"{en.server.address}/approvals")
    expect(page.locator(".inbox-card")).to_be_visible()
    camera.shoot(page, "approvals-dark")
    page = camera.at(pt.server.new_link(), "pt-BR", "light", NARROW)
    page.goto(f"{pt.server.address}/s/{pt.runs['report']['session_id']}")
    expect(page.locator(".katex").first).to_be_visible()
    camera.shoot(page, "chat-phone")
    page = camera.at(pt.server.new_link(), "pt-BR", "light", WIDE)
    page.goto(f"{pt.server.address}/settings/models")
    expect(page.get_by_text("META_ADS_TOKEN")).to_be_visible()
    camera.shoot(page, "settings-models-pt")
    page = camera.at(hello.new_link(), "en", "light", WIDE)
    page.get_by_role("textbox", name="Message", exact=True).fill("Write a poem")
    page.keyboard.press("Enter")
    expect(page.locator(".suggestion")).to_have_count(3)
    camera.shoot(page, "rehearsal")


def everything(camera, en, pt, hello):
    for demo in (en, pt):
        for theme in ("light", "dark"):
            for size in (WIDE, NARROW):
                every_page(camera, demo, theme, size)


def every_page(camera, demo, theme, size):
    page = camera.at(demo.server.new_link(), demo.language, theme, size)
    mark = f"{demo.language}-{theme}-{size[0]}"
    places = {name: f"/s/{demo.runs[name]['session_id']}" for name in ("report", "asks", "failed", "works")}
    places |= {f"run-{name}": f"/runs/{demo.runs[name].get('id') or demo.runs[name]['run_id']}" for name in ("report", "asks", "failed", "works")}
    places |= {"new": "/", "approvals": "/approvals", "runs": "/runs"}
    places |= {f"settings-{name}": f"/settings/{name}" for name in ("profile", "people", "keys", "models", "appearance")}
    for name, path in places.items():
        page.goto(demo.server.address + path)
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_timeout(250)
        camera.shoot(page, f"{mark}-{name}")
    page.goto(demo.server.address + "/")
    page.locator(".composer textarea").wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").wait_for()
    camera.shoot(page, f"{mark}-palette")
    page.keyboard.press("Escape")
    if size == NARROW:
        page.locator(".only-narrow").first.click()
        page.wait_for_timeout(300)
        camera.shoot(page, f"{mark}-drawer")
    forks(camera, page, demo, mark)
    page.goto(demo.server.address + "/settings/models")
    page.locator(".answering button").last.click()
    page.get_by_role("dialog").locator("form").first.wait_for()
    camera.shoot(page, f"{mark}-connect-hosted")
    page.get_by_role("dialog").locator(".segments button").nth(1).click()
    page.get_by_role("dialog").locator("details").wait_for()
    camera.shoot(page, f"{mark}-connect-local")
    page.goto(demo.server.address + "/settings/keys")
    page.locator(".settings-body .button.primary").first.click()
    camera.shoot(page, f"{mark}-key")
    page.goto(demo.server.address + "/approvals")
    page.locator(".inbox-card").first.focus()
    page.keyboard.press("e")
    camera.shoot(page, f"{mark}-edit")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    camera.shoot(page, f"{mark}-reject")
    page.context.close()
    page = camera.at(demo.server.address + "/login", demo.language, theme, size)
    camera.shoot(page, f"{mark}-login")
    page.context.close()


def forks(camera, page, demo, mark):
    """The dialog that forks, with something changed, and what came of one."""
    run = demo.runs["report"]["id"]
    page.goto(f"{demo.server.address}/runs/{run}")
    page.locator(".page-head-actions button").first.click()
    page.locator(".fork-sum").wait_for()
    page.locator(".fork-dialog textarea").first.fill(demo.said["which"])
    camera.shoot(page, f"{mark}-fork")
    forked = demo.fork()
    for name, path in (("forked", f"/s/{forked['session_id']}"), ("run-forked", f"/runs/{forked['run_id']}")):
        page.goto(demo.server.address + path)
        page.locator(".fork-note").wait_for()
        camera.shoot(page, f"{mark}-{name}")


def main():
    is_all = sys.argv[1:2] == ["--all"]
    folder = pathlib.Path(sys.argv[2]) if is_all else ROOT / "docs/images"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        demos = [Demo(pathlib.Path(place) / language, browser, language) for language in ("en", "pt-BR")]
        hello = BatutaServer(pathlib.Path(place) / "hello", files=template("en"))
        try:
            (everything if is_all else docs)(Camera(browser, folder), *demos, hello)
        finally:
            for thing in (*demos, hello):
                thing.stop()
            browser.close()
    for path in sorted(folder.glob("*.png")) if not is_all else []:
        print(f"  {path.stat().st_size / 1000:6.0f} kB  {path.relative_to(ROOT)}")


main()
