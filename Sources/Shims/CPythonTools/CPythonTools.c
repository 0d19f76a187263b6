#include "CPythonTools.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t source[] = {
#embed "batuta.py"
};

const uint8_t *batuta_python_source(size_t *count) {
    *count = sizeof source;
    return source;
}
