#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct batuta_pattern batuta_pattern;

/// Where a group matched, in bytes; `start` is -1 for a group that took no part.
typedef struct {
    ptrdiff_t start;
    ptrdiff_t length;
} batuta_pattern_group;

/// Compiles a pattern within `max_memory` bytes. NULL when memory is out; otherwise ask `batuta_pattern_error`.
batuta_pattern *batuta_pattern_make(const char *pattern, size_t length, int64_t max_memory);
void batuta_pattern_free(batuta_pattern *pattern);
/// RE2's message and the offending part of the pattern, or NULL when the pattern is good. Lives as long as the pattern.
const char *batuta_pattern_error(const batuta_pattern *pattern);
const char *batuta_pattern_error_argument(const batuta_pattern *pattern);
/// Capturing groups, without the whole match.
int batuta_pattern_groups(const batuta_pattern *pattern);
/// The name of a group, or NULL. Lives as long as the pattern.
const char *batuta_pattern_group_name(const batuta_pattern *pattern, int group);
/// Looks for the pattern in `[start, length)` of the text; from any thread. Fills `count` groups, the whole match first.
bool batuta_pattern_match(
    const batuta_pattern *pattern, const char *text, size_t length, size_t start, bool whole, batuta_pattern_group *groups, int count
);

#ifdef __cplusplus
}
#endif
