#!/usr/bin/env bash
# Builds the web page into web/dist and, when the packer is there, packs it for the binary.
set -euo pipefail
cd "$(dirname "$0")"

export NODE_PATH=/usr/share/nodejs:/usr/share/javascript
cache=.cache
rm -rf dist "$cache/css"
mkdir -p dist/assets "$cache/fonts" "$cache/css"

# Letters of the languages of Europe, arrows, mathematical signs, and the symbols that a keyboard label needs.
subset="U+0020-007E,U+00A0-017F,U+0192,U+02C6,U+02DA,U+02DC,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2032-2033,U+2039-203A,U+2044,U+20AC,U+2116,U+2122,U+2190-2193,U+21B5,U+21E7,U+2212,U+2248,U+2260,U+2264-2265,U+2303,U+2318,U+2325,U+23CE"
font() { # source, name, features beside kerning and marks
    [[ -e "$cache/fonts/$2.woff2" && "$cache/fonts/$2.woff2" -nt build.sh ]] && return
    /usr/bin/python3 -m fontTools.subset "$1" --unicodes="$subset" --flavor=woff2 --output-file="$cache/fonts/$2.woff2" \
        --layout-features="kern,ccmp,mark,mkmk$3" --no-hinting --desubroutinize
}
font /usr/share/fonts/opentype/inter/Inter-Regular.otf inter-400 ,liga,calt,tnum
font /usr/share/fonts/opentype/inter/Inter-Medium.otf inter-500 ,liga,calt,tnum
font /usr/share/fonts/opentype/inter/Inter-SemiBold.otf inter-600 ,liga,calt,tnum
font /usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf jetbrains-mono-400 ""

# KaTeX's own fonts, the woff2 of each only.
ln -sfn /usr/share/javascript/katex/fonts "$cache/css/fonts"
sed -E "s/,url\([^)]*\.woff\) format\('woff'\),url\([^)]*\.ttf\) format\('truetype'\)//g" \
    /usr/share/javascript/katex/katex.min.css >"$cache/css/katex.css"

bundle() {
    esbuild "$@" --bundle --minify --log-level=warning --legal-comments=none --outdir=dist/assets --public-path=/assets \
        --entry-names='[name]-[hash]' --chunk-names='[name]-[hash]' --asset-names='[name]-[hash]' \
        --loader:.woff2=file --loader:.svg=file 2>&1 | tee "$cache/warnings"
    if [[ -s "$cache/warnings" ]]; then
        echo "build: esbuild warned (see above); warnings are errors" >&2
        exit 1
    fi
}
bundle src/design/styles.css "$cache/css/katex.css" src/design/favicon.svg --metafile="$cache/css.json"
katex_css=$(basename "$(ls dist/assets/katex-*.css)")
bundle src/app/early.ts --format=iife --target=es2020 --metafile="$cache/early.json"
bundle src/main.tsx --splitting --format=esm --target=es2021 --jsx=automatic --main-fields=module,main \
    --define:process.env.NODE_ENV='"production"' --define:global=globalThis --define:KATEX_CSS="\"/assets/$katex_css\"" \
    --metafile="$cache/app.json"

/usr/bin/python3 assemble.py
if [[ -e pack.py ]]; then
    mkdir -p ../Sources/Shims/CWeb
    /usr/bin/python3 pack.py dist ../Sources/Shims/CWeb/web.pack
fi
