#pragma once
#include <stddef.h>
#include <stdint.h>

/// A file of templates/, built into the program.
typedef struct {
    /// `hello`, `pt-BR`, `agents/assistant.md`.
    const char *template_name;
    const char *language;
    const char *path;
    const uint8_t *bytes;
    size_t count;
} batuta_template_file;

/// How many there are.
size_t batuta_template_file_count(void);
/// One of them, or NULL beyond the end. Lives as long as the program.
const batuta_template_file *batuta_template_file_at(size_t index);
