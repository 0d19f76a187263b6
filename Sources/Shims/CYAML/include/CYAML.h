#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// libyaml's event stream over bytes in memory. Lines and columns count from 0, columns in characters.

typedef struct batuta_yaml batuta_yaml;

enum batuta_yaml_kind {
    batuta_yaml_stream_start,
    batuta_yaml_stream_end,
    batuta_yaml_document_start,
    batuta_yaml_document_end,
    batuta_yaml_alias,
    batuta_yaml_scalar,
    batuta_yaml_sequence_start,
    batuta_yaml_sequence_end,
    batuta_yaml_mapping_start,
    batuta_yaml_mapping_end,
    batuta_yaml_other,
};

typedef struct {
    int32_t kind;
    /// A scalar's text, not terminated; an alias's name is in `anchor`.
    const uint8_t *value;
    size_t length;
    /// NULL when there is none.
    const char *anchor;
    const char *tag;
    /// A scalar without quotes or block indicator.
    bool plain;
    /// `|` or `>`: its text begins on the line after the indicator.
    bool block;
    size_t line;
    size_t column;
} batuta_yaml_event;

/// Reads the bytes, which must outlive the reader; NULL when there is no memory.
batuta_yaml *batuta_yaml_open(const uint8_t *bytes, size_t count);
/// The next event; its pointers are valid until the next call. False on an error.
bool batuta_yaml_next(batuta_yaml *reader, batuta_yaml_event *event);
/// What was wrong, in libyaml's words, and where. `context` may be NULL.
const char *batuta_yaml_problem(const batuta_yaml *reader, const char **context, size_t *context_line,
                                size_t *line, size_t *column);
void batuta_yaml_close(batuta_yaml *reader);
