#!/usr/bin/env bash
# Types, then the tests that need no browser.
set -euo pipefail
cd "$(dirname "$0")"

tsc -p .

export NODE_PATH=/usr/share/nodejs:/usr/share/javascript
rm -rf .cache/test
esbuild test/*.test.ts --bundle --platform=node --format=cjs --target=node18 --log-level=warning --jsx=automatic \
    --main-fields=module,main --external:jsdom --define:KATEX_CSS='""' --define:global=globalThis --outdir=.cache/test
node --test .cache/test
