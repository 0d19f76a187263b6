#!/usr/bin/env bash
# Types, then the tests that need no browser. One line when all is well.
set -euo pipefail
cd "$(dirname "$0")"

tsc -p .

export NODE_PATH=/usr/share/nodejs:/usr/share/javascript
rm -rf .cache/test
esbuild test/*.test.ts --bundle --platform=node --format=cjs --target=node18 --log-level=warning --jsx=automatic \
    --main-fields=module,main --external:jsdom --define:KATEX_CSS='""' --define:global=globalThis --outdir=.cache/test
if ! node --test .cache/test >.cache/test.log 2>&1; then
    grep -vE '^ *(ok |# Subtest: |---$|\.\.\.$|duration_ms: )' .cache/test.log >&2
    exit 1
fi
echo "web: types are right, $(sed -n 's/^# pass //p' .cache/test.log) tests pass"
