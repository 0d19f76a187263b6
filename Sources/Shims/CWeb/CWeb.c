#include "CWeb.h"

// A clone without the page compiles. web/pack.py touches this file when it first makes the pack: a file that was not there is no dependency.
#if defined(__has_embed)
#if __has_embed("web.pack") == __STDC_EMBED_FOUND__
#define BATUTA_HAS_WEB_PACK
#endif
#endif

#ifdef BATUTA_HAS_WEB_PACK
#pragma clang diagnostic ignored "-Wc23-extensions"
static const uint8_t pack[] = {
#embed "web.pack"
};

const uint8_t *batuta_web_pack(size_t *count) {
    *count = sizeof pack;
    return pack;
}
#else
const uint8_t *batuta_web_pack(size_t *count) {
    *count = 0;
    return NULL;
}
#endif
