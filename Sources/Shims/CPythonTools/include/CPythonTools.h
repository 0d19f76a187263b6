#pragma once
#include <stddef.h>
#include <stdint.h>

/// batuta.py: what Python tools import, and what runs them. Lives as long as the program.
const uint8_t *batuta_python_source(size_t *count);
