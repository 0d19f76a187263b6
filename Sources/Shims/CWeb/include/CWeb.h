#pragma once
#include <stddef.h>
#include <stdint.h>

/// The page as web/pack.py packed it, or NULL in a program that was built without it. Lives as long as the program.
const uint8_t *batuta_web_pack(size_t *count);
