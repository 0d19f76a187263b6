"""What an answer costs the browser. The gate is made of ratios within one page, which a busy machine does not move; the figures are printed."""
import os
import subprocess

import pytest
from batuta_server import ROOT

# A token must not cost more for what came before it: four times the text, about four times the time. A quadratic stream would take sixteen.
GROWTH = 11
# As it comes, in some 500 frames, against once. Rendering all of it in each frame would take 250.
FRAMES = 200


@pytest.fixture(scope="session")
def bench(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench") / "bench.js"
    environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs:/usr/share/javascript"}
    subprocess.run(
        ["esbuild", "Tests/PageTests/support/script_time.ts", "--bundle", "--format=iife", "--global-name=bench", "--target=es2021", "--minify",
         "--main-fields=module,main", "--define:KATEX_CSS=\"\"", "--define:global=globalThis", "--external:katex/*", "--log-level=error", f"--outfile={out}"],
        cwd=ROOT, env=environment, check=True)
    return out.read_text()


# In a task of the page's own: what the tools of a developer run is not counted.
RUN = "([name, how, times]) => new Promise(done => setTimeout(() => done(bench.run(name, how, times))))"


class Stopwatch:
    """Milliseconds of work of the page's own thread: what other programs did meanwhile is not in it."""

    def __init__(self, page, bench):
        self.page = page
        self.bench = bench
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(f"() => {{ {bench}; window.bench = bench }}")

    def script(self):
        metrics = self.session.send("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "ScriptDuration") * 1000

    def figures(self, name):
        return {how: self.best(name, how, times) for how, times in (("whole", 1), ("quarter", 4), ("once", 8))}

    def best(self, name, how, times):
        """Of a few rounds; short work is done several times in each."""
        return min(self.round(name, how, times) for _ in range(4)) / times

    def round(self, name, how, times):
        before = self.script()
        self.page.evaluate(RUN, [name, how, times])
        return self.script() - before


def grows(figure):
    return figure["whole"] >= GROWTH * max(figure["quarter"], 0.5)


def test_s3_51_the_cost_of_a_token_does_not_grow_with_the_answer(contexts, hello, bench, capsys):
    page = contexts.page(hello.link)
    page.get_by_role("textbox", name="Message", exact=True).wait_for()
    watch = Stopwatch(page, bench)
    tokens = page.evaluate("bench.tokens()")
    figures = {name: watch.figures(name) for name in tokens}
    for name in tokens:
        # What grows does so each time; what another program slowed down in one round is quick in the next.
        for _ in range(3):
            if not grows(figures[name]):
                break
            again = watch.figures(name)
            figures[name] = {how: min(figures[name][how], again[how]) for how in again}
    with capsys.disabled():
        for name, figure in figures.items():
            a_thousand = figure["whole"] / tokens[name] * 1000
            print(f"\n  {name:9} {a_thousand:6.1f} ms of script per 1,000 tokens, {figure['whole'] / max(figure['once'], 0.1):5.1f} × at once", end="")
        print()
    for name, figure in figures.items():
        assert figure["once"] > 0, f"{name}: nothing was measured"
        assert not grows(figure), f"{name} grows: {figure}"
        assert figure["whole"] < FRAMES * max(figure["once"], 0.1), f"{name}: {figure}"
