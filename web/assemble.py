"""Writes dist/index.html with the names that carry hashes, collects the licences, and holds the first load to its budget."""

import gzip
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent
DIST = ROOT / "dist"
FIRST_LOAD_BUDGET = 220_000

# Packages whose code or fonts are inside the assets.
DISTRIBUTED = {
    "node-react": "React",
    "node-react-dom": "React DOM",
    "node-marked": "marked",
    "node-prismjs": "Prism",
    "libjs-katex": "KaTeX",
    "fonts-inter": "Inter",
    "fonts-jetbrains-mono": "JetBrains Mono",
}


def built(name: str) -> str:
    (found,) = [path.name for path in (DIST / "assets").iterdir() if re.fullmatch(name, path.name)]
    return found


def static_imports(entry: str) -> list[str]:
    """The chunks that the entry needs before it can begin."""
    outputs = json.loads((ROOT / ".cache/app.json").read_text())["outputs"]
    wanted, found = ["dist/assets/" + entry], []
    while wanted:
        for item in outputs[wanted.pop()]["imports"]:
            if item["kind"] == "import-statement" and item["path"] not in found:
                found.append(item["path"])
                wanted.append(item["path"])
    return [pathlib.Path(path).name for path in found]


def index() -> list[str]:
    entry = built(r"main-\w+\.js")
    chunks = static_imports(entry)
    names = {
        "main": entry,
        "early": built(r"early-\w+\.js"),
        "styles": built(r"styles-\w+\.css"),
        "favicon": built(r"favicon-\w+\.svg"),
        "inter": built(r"inter-400-\w+\.woff2"),
    }
    html = (ROOT / "src/index.html").read_text()
    html = html.replace("{{preloads}}", "".join(f'<link rel="modulepreload" href="/assets/{name}">\n' for name in chunks))
    for key, name in names.items():
        html = html.replace("{{" + key + "}}", "/assets/" + name)
    (DIST / "index.html").write_text(html)
    fonts = [built(rf"{font}-\w+\.woff2") for font in ("inter-500", "inter-600", "jetbrains-mono-400")]
    return list(names.values()) + chunks + fonts


def licences() -> None:
    texts = []
    for package, title in DISTRIBUTED.items():
        path = pathlib.Path("/usr/share/doc") / package / "copyright"
        if not path.exists():
            sys.exit(f"build: {path} is missing; the licence of {title} must go with it")
        texts.append(f"{title}\n{'=' * len(title)}\n\n{path.read_text().strip()}\n")
    common = {name for text in texts for name in re.findall(r"/usr/share/common-licenses/([\w.+-]*\w)", text)}
    for name in sorted(common):
        texts.append(f"{name}\n{'=' * len(name)}\n\n{pathlib.Path('/usr/share/common-licenses', name).read_text()}")
    (DIST / "assets/licenses.txt").write_text("\n\n".join(texts))


def compressed(name: str) -> int:
    data = (DIST / "assets" / name).read_bytes()
    return len(data) if name.endswith(".woff2") else len(gzip.compress(data, 9))


def main() -> None:
    first = index()
    licences()
    sizes = {name: compressed(name) for name in first}
    total = sum(sizes.values())
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        print(f"  {size / 1000:7.1f} KB  {name}")
    print(f"  {total / 1000:7.1f} KB  first load, compressed (budget {FIRST_LOAD_BUDGET / 1000:.0f})")
    if total > FIRST_LOAD_BUDGET:
        sys.exit("build: the first load is over its budget")


main()
