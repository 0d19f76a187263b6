#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node of the tape is.
enum {
    BATUTA_JSON_NULL = 0,
    BATUTA_JSON_FALSE = 1,
    BATUTA_JSON_TRUE = 2,
    BATUTA_JSON_NUMBER = 3,
    BATUTA_JSON_STRING = 4,
    BATUTA_JSON_ARRAY = 5,
    BATUTA_JSON_OBJECT = 6,
};

/// Why a document was refused.
enum {
    BATUTA_JSON_OK = 0,
    BATUTA_JSON_EMPTY,
    BATUTA_JSON_TOO_LONG,
    BATUTA_JSON_TOO_DEEP,
    BATUTA_JSON_TOO_MANY_VALUES,
    BATUTA_JSON_NUMBER_TOO_LONG,
    BATUTA_JSON_BAD_UTF8,
    BATUTA_JSON_BYTE_ORDER_MARK,
    BATUTA_JSON_CONTROL_CHARACTER,
    BATUTA_JSON_UNCLOSED_STRING,
    BATUTA_JSON_BAD_ESCAPE,
    BATUTA_JSON_LONE_SURROGATE,
    BATUTA_JSON_BAD_NUMBER,
    BATUTA_JSON_BAD_LITERAL,
    BATUTA_JSON_UNEXPECTED,
    BATUTA_JSON_TRUNCATED,
    BATUTA_JSON_TRAILING,
    BATUTA_JSON_NO_MEMORY,
};

/// One value or key, in document order. A container is followed by its content; a member is a string node (its key) and a value.
typedef struct {
    /// Strings: start of the unescaped text. Numbers: start of the literal. Others: where it stands. All within the tape's text.
    uint32_t offset;
    /// Strings and numbers: bytes. Arrays: elements. Objects: members as written.
    uint32_t length;
    /// Index of the node after this value and all that it contains.
    uint32_t next;
    uint32_t kind;
} batuta_json_node;

typedef struct {
    size_t bytes;
    size_t depth;
    size_t values;
    size_t number_length;
} batuta_json_limits;

/// The outcome of a reading; valid until the parser reads again or is released.
typedef struct {
    const uint8_t *text;
    const batuta_json_node *nodes;
    size_t count;
    int error;
    /// Where the error is, in bytes from the start; equal to the length at the end of the document.
    size_t error_offset;
} batuta_json_tape;

typedef struct batuta_json_parser batuta_json_parser;

/// A parser from this thread's small store, or a new one; NULL when memory is out.
batuta_json_parser *batuta_json_acquire(void);
/// Gives a parser back, on any thread. Large buffers are freed.
void batuta_json_release(batuta_json_parser *parser);
/// Reads one document. The bytes are copied; `tape->error` says how it went.
void batuta_json_read(
    batuta_json_parser *parser, const uint8_t *bytes, size_t length, batuta_json_limits limits, batuta_json_tape *tape
);
/// The index of the value of the last member with this key, or 0 (never a member's value) when there is none.
uint32_t batuta_json_find(
    const batuta_json_node *nodes, const uint8_t *text, uint32_t object, const uint8_t *key, size_t key_length
);
/// Whether two members of an object of at most 32 members have the same key; true for every larger object.
bool batuta_json_may_repeat_keys(const batuta_json_node *nodes, const uint8_t *text, uint32_t object);
/// How many bytes from the start can stand in a JSON string as they are.
size_t batuta_json_plain_prefix(const uint8_t *bytes, size_t length);
/// Writes the bytes as the inside of a JSON string and returns how many it wrote; `out` has room for six times the length.
size_t batuta_json_escape(const uint8_t *bytes, size_t length, uint8_t *out);

#ifdef __cplusplus
}
#endif
