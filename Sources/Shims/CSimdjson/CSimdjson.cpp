// Reads JSON in two steps: simdjson's first stage finds every structural character with vector instructions and
// checks UTF-8, quotes and control characters; one walk over those positions checks the grammar of RFC 8259 and writes the tape.
// Strings without escapes stay where they are in the parser's copy of the document; others are unescaped behind it
// (an unescaped string is never longer, so the second half of the buffer always has room).
#include "CSimdjson.h"

#include <simdjson.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace {

using Stage = std::unique_ptr<simdjson::internal::dom_parser_implementation>;

constexpr size_t padding = simdjson::SIMDJSON_PADDING;
constexpr size_t depth_ceiling = 1024;
constexpr size_t keep_bytes = 256 * 1024;
constexpr size_t keep_nodes = 32 * 1024;

bool is_space(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }
bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

struct batuta_json_parser {
    Stage stage;
    uint8_t *text = nullptr;
    size_t text_capacity = 0;
    batuta_json_node *nodes = nullptr;
    size_t node_capacity = 0;
    uint32_t open[depth_ceiling];

    ~batuta_json_parser() {
        std::free(text);
        std::free(nodes);
    }

    /// Room for the document, and as much again for unescaped strings; memory that is not used costs nothing.
    bool reserve_text(size_t length) {
        if (stage && text_capacity >= length) return true;
        size_t wanted = length < 4096 ? 4096 : length + length / 4;
        auto *larger = static_cast<uint8_t *>(std::malloc(2 * (wanted + padding)));
        if (!larger) return false;
        std::free(text);
        text = larger;
        text_capacity = wanted;
        if (stage) return stage->allocate(wanted, 1) == simdjson::SUCCESS;
        auto *implementation = simdjson::get_active_implementation().operator->();
        return implementation->create_dom_parser_implementation(wanted, 1, stage) == simdjson::SUCCESS;
    }

    uint8_t *unescaped() const { return text + text_capacity + padding; }

    bool grow_nodes() {
        size_t wanted = node_capacity ? node_capacity * 2 : 256;
        auto *larger = static_cast<batuta_json_node *>(std::realloc(nodes, wanted * sizeof(batuta_json_node)));
        if (!larger) return false;
        nodes = larger;
        node_capacity = wanted;
        return true;
    }

    void shrink() {
        if (text_capacity > keep_bytes) {
            std::free(text);
            text = nullptr;
            text_capacity = 0;
            stage.reset();
        }
        if (node_capacity > keep_nodes) {
            std::free(nodes);
            nodes = nullptr;
            node_capacity = 0;
        }
    }
};

namespace {

// ---- Where stage one's complaint is; only runs for refused documents.

size_t first_bad_utf8(const uint8_t *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        uint8_t lead = text[at];
        size_t more = lead < 0x80 ? 0 : lead >= 0xC2 && lead <= 0xDF ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead <= 0xF4 ? 3 : 9;
        if (more == 9 || at + more >= length) return at;
        for (size_t step = 1; step <= more; step++) {
            if ((text[at + step] & 0xC0) != 0x80) return at;
        }
        uint8_t second = more ? text[at + 1] : 0;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
            (lead == 0xF4 && second > 0x8F)) {
            return at;
        }
        at += more + 1;
    }
    return length;
}

/// The first control character within a string, or the start of the string that does not end.
size_t bad_string(const uint8_t *text, size_t length, bool wants_control) {
    size_t start = 0;
    bool inside = false;
    for (size_t at = 0; at < length; at++) {
        if (!inside) {
            inside = text[at] == '"';
            start = at;
        } else if (text[at] == '\\') {
            at++;
        } else if (text[at] == '"') {
            inside = false;
        } else if (text[at] < 0x20 && wants_control) {
            return at;
        }
    }
    return inside ? start : length;
}

int translate(simdjson::error_code error) {
    switch (error) {
        case simdjson::SUCCESS: return BATUTA_JSON_OK;
        case simdjson::EMPTY: return BATUTA_JSON_EMPTY;
        case simdjson::CAPACITY: return BATUTA_JSON_TOO_LONG;
        case simdjson::MEMALLOC: return BATUTA_JSON_NO_MEMORY;
        case simdjson::UTF8_ERROR: return BATUTA_JSON_BAD_UTF8;
        case simdjson::UNESCAPED_CHARS: return BATUTA_JSON_CONTROL_CHARACTER;
        case simdjson::UNCLOSED_STRING: return BATUTA_JSON_UNCLOSED_STRING;
        default: return BATUTA_JSON_UNEXPECTED;
    }
}

size_t locate(int error, const uint8_t *text, size_t length) {
    switch (error) {
        case BATUTA_JSON_BAD_UTF8: return first_bad_utf8(text, length);
        case BATUTA_JSON_CONTROL_CHARACTER: return bad_string(text, length, true);
        case BATUTA_JSON_UNCLOSED_STRING: return bad_string(text, length, false);
        default: return 0;
    }
}

// ---- Strings.

int hex_digit(uint8_t byte) {
    if (is_digit(byte)) return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The code unit of `\uXXXX` whose digits start at `at`, or -1.
int32_t code_unit(const uint8_t *at, const uint8_t *end) {
    if (end - at < 4) return -1;
    int32_t value = 0;
    for (int index = 0; index < 4; index++) {
        int digit = hex_digit(at[index]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

uint8_t *put_scalar(uint8_t *out, uint32_t scalar) {
    if (scalar < 0x80) {
        *out++ = static_cast<uint8_t>(scalar);
    } else if (scalar < 0x800) {
        *out++ = static_cast<uint8_t>(0xC0 | scalar >> 6);
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *out++ = static_cast<uint8_t>(0xE0 | scalar >> 12);
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else {
        *out++ = static_cast<uint8_t>(0xF0 | scalar >> 18);
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 12 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar >> 6 & 0x3F));
        *out++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    }
    return out;
}

/// Reads the digits after `\u`, with the second half of a pair, and moves `in` behind them.
int unescape_unicode(const uint8_t *&in, const uint8_t *end, uint8_t *&out) {
    int32_t unit = code_unit(in, end);
    if (unit < 0) return BATUTA_JSON_BAD_ESCAPE;
    in += 4;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return BATUTA_JSON_LONE_SURROGATE;
    if (unit < 0xD800 || unit > 0xDBFF) {
        out = put_scalar(out, static_cast<uint32_t>(unit));
        return BATUTA_JSON_OK;
    }
    if (end - in < 6 || in[0] != '\\' || in[1] != 'u') return BATUTA_JSON_LONE_SURROGATE;
    int32_t low = code_unit(in + 2, end);
    if (low < 0) return BATUTA_JSON_BAD_ESCAPE;
    if (low < 0xDC00 || low > 0xDFFF) return BATUTA_JSON_LONE_SURROGATE;
    in += 6;
    out = put_scalar(out, 0x10000 + ((static_cast<uint32_t>(unit) - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00));
    return BATUTA_JSON_OK;
}

uint8_t plain_escape(uint8_t byte) {
    switch (byte) {
        case '"': return '"';
        case '\\': return '\\';
        case '/': return '/';
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return 0;
    }
}

/// Copies up to 16 bytes, no further than the next backslash; may read and write some bytes more, which the padding allows.
size_t copy_plain(const uint8_t *in, const uint8_t *end, uint8_t *out) {
    size_t left = static_cast<size_t>(end - in);
#if defined(__SSE2__)
    __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(in));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out), block);
    int mask = _mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
    size_t run = mask ? static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask))) : 16;
    return run < left ? run : left;
#else
    size_t run = 0;
    while (run < left && run < 16 && in[run] != '\\') {
        out[run] = in[run];
        run++;
    }
    return run;
#endif
}

/// Writes the unescaped text of `[in, end)` to `out` and moves both; on an error `in` stays at the escape.
int unescape(const uint8_t *&in, const uint8_t *end, uint8_t *&out) {
    while (in < end) {
        size_t run = copy_plain(in, end, out);
        in += run;
        out += run;
        if (in >= end || *in != '\\') continue;
        if (end - in < 2) return BATUTA_JSON_BAD_ESCAPE;
        if (in[1] == 'u') {
            const uint8_t *digits = in + 2;
            int error = unescape_unicode(digits, end, out);
            if (error) return error;
            in = digits;
        } else {
            uint8_t plain = plain_escape(in[1]);
            if (!plain) return BATUTA_JSON_BAD_ESCAPE;
            *out++ = plain;
            in += 2;
        }
    }
    return BATUTA_JSON_OK;
}

// ---- Numbers.

/// Whether `[at, end)` is a number of RFC 8259, section 6.
bool is_number(const uint8_t *at, const uint8_t *end) {
    if (at < end && *at == '-') at++;
    if (at == end || !is_digit(*at)) return false;
    if (*at == '0') {
        at++;
    } else {
        while (at < end && is_digit(*at)) at++;
    }
    if (at < end && *at == '.') {
        at++;
        if (at == end || !is_digit(*at)) return false;
        while (at < end && is_digit(*at)) at++;
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        if (at == end || !is_digit(*at)) return false;
        while (at < end && is_digit(*at)) at++;
    }
    return at == end;
}

// ---- The walk.

class Walk {
   public:
    Walk(batuta_json_parser &parser, size_t length, const batuta_json_limits &limits)
        : parser(parser), limits(limits), text(parser.text), length(length), positions(parser.stage->structural_indexes.get()),
          total(parser.stage->n_structural_indexes), max_depth(limits.depth < depth_ceiling ? limits.depth : depth_ceiling),
          out(parser.unescaped()), backslash(next_backslash(text)) {}

    size_t count = 0;
    size_t error_offset = 0;

    int document() {
        int error = value();
        while (!error && depth > 0) error = after_value();
        if (!error && index < total) error = fail(BATUTA_JSON_TRAILING);
        return error;
    }

   private:
    batuta_json_parser &parser;
    const batuta_json_limits &limits;
    uint8_t *text;
    size_t length;
    const uint32_t *positions;
    size_t total;
    size_t max_depth;
    uint8_t *out;
    const uint8_t *backslash;
    size_t index = 0;
    size_t depth = 0;

    int fail(int error, size_t offset) {
        error_offset = offset < length ? offset : length;
        return error;
    }

    int fail(int error) { return index < total ? fail(error, positions[index]) : fail(BATUTA_JSON_TRUNCATED, length); }

    /// Where the token that starts at this structural position ends, white space removed.
    uint8_t *token_end() const {
        size_t end = index + 1 < total ? positions[index + 1] : length;
        size_t start = positions[index];
        while (end > start + 1 && is_space(text[end - 1])) end--;
        return text + end;
    }

    batuta_json_node *append(uint32_t kind, size_t offset) {
        if (count == parser.node_capacity && !parser.grow_nodes()) return nullptr;
        batuta_json_node *node = &parser.nodes[count++];
        *node = {static_cast<uint32_t>(offset), 0, static_cast<uint32_t>(count), kind};
        return node;
    }

    int room(size_t offset) {
        if (count >= limits.values) return fail(BATUTA_JSON_TOO_MANY_VALUES, offset);
        return BATUTA_JSON_OK;
    }

    int string() {
        const uint8_t *start = text + positions[index] + 1;
        const uint8_t *end = token_end() - 1;
        if (end < start || *end != '"') return fail(BATUTA_JSON_UNEXPECTED);
        batuta_json_node *node = append(BATUTA_JSON_STRING, static_cast<size_t>(start - text));
        if (!node) return fail(BATUTA_JSON_NO_MEMORY);
        node->length = static_cast<uint32_t>(end - start);
        index++;
        return backslash < end ? escaped(node, start, end) : BATUTA_JSON_OK;
    }

    /// A string with at least one escape.
    int escaped(batuta_json_node *node, const uint8_t *start, const uint8_t *end) {
        const uint8_t *in = start;
        uint8_t *begin = out;
        int error = unescape(in, end, out);
        if (error) return fail(error, static_cast<size_t>(in - text));
        node->offset = static_cast<uint32_t>(begin - text);
        node->length = static_cast<uint32_t>(out - begin);
        backslash = next_backslash(end);
        return BATUTA_JSON_OK;
    }

    /// The first backslash from here on, or the end of the document: one search over the document in all.
    const uint8_t *next_backslash(const uint8_t *from) const {
        const uint8_t *end = text + length;
        auto *found = static_cast<const uint8_t *>(std::memchr(from, '\\', static_cast<size_t>(end - from)));
        return found ? found : end;
    }

    int number() {
        uint8_t *start = text + positions[index];
        uint8_t *end = token_end();
        if (!is_number(start, end)) return fail(BATUTA_JSON_BAD_NUMBER);
        size_t bytes = static_cast<size_t>(end - start);
        if (bytes > limits.number_length) return fail(BATUTA_JSON_NUMBER_TOO_LONG);
        batuta_json_node *node = append(BATUTA_JSON_NUMBER, positions[index]);
        if (!node) return fail(BATUTA_JSON_NO_MEMORY);
        node->length = static_cast<uint32_t>(bytes);
        index++;
        return BATUTA_JSON_OK;
    }

    int literal(const char *word, size_t bytes, uint32_t kind) {
        uint8_t *start = text + positions[index];
        if (static_cast<size_t>(token_end() - start) != bytes || std::memcmp(start, word, bytes) != 0) return fail(BATUTA_JSON_BAD_LITERAL);
        if (!append(kind, positions[index])) return fail(BATUTA_JSON_NO_MEMORY);
        index++;
        return BATUTA_JSON_OK;
    }

    int key() {
        if (index >= total) return fail(BATUTA_JSON_TRUNCATED);
        if (text[positions[index]] != '"') return fail(BATUTA_JSON_UNEXPECTED);
        int error = room(positions[index]);
        if (!error) error = string();
        if (error) return error;
        if (index >= total) return fail(BATUTA_JSON_TRUNCATED);
        if (text[positions[index]] != ':') return fail(BATUTA_JSON_UNEXPECTED);
        index++;
        return value();
    }

    int container(uint32_t kind, uint8_t closing) {
        if (depth >= max_depth) return fail(BATUTA_JSON_TOO_DEEP);
        if (!append(kind, positions[index])) return fail(BATUTA_JSON_NO_MEMORY);
        parser.open[depth++] = static_cast<uint32_t>(count - 1);
        index++;
        if (index >= total) return fail(BATUTA_JSON_TRUNCATED);
        if (text[positions[index]] == closing) {
            close();
            return BATUTA_JSON_OK;
        }
        // The first element is read by the caller's loop, so that depth costs no stack.
        pending = true;
        return BATUTA_JSON_OK;
    }

    void close() {
        parser.nodes[parser.open[--depth]].next = static_cast<uint32_t>(count);
        index++;
    }

    bool pending = false;

    int value() {
        if (index >= total) return fail(BATUTA_JSON_TRUNCATED);
        int error = room(positions[index]);
        if (error) return error;
        uint8_t first = text[positions[index]];
        switch (first) {
            case '{': return container(BATUTA_JSON_OBJECT, '}');
            case '[': return container(BATUTA_JSON_ARRAY, ']');
            case '"': return string();
            case 't': return literal("true", 4, BATUTA_JSON_TRUE);
            case 'f': return literal("false", 5, BATUTA_JSON_FALSE);
            case 'n': return literal("null", 4, BATUTA_JSON_NULL);
            case 0xEF:
                if (positions[index] == 0 && length >= 3 && text[1] == 0xBB && text[2] == 0xBF) return fail(BATUTA_JSON_BYTE_ORDER_MARK);
                return fail(BATUTA_JSON_UNEXPECTED);
            case '+':
            case '.':
            case '-':
            case 'N':
            case 'I': return number();
            default: return is_digit(first) ? number() : fail(BATUTA_JSON_UNEXPECTED);
        }
    }

    /// One element or member of the innermost open container, or its end.
    int after_value() {
        batuta_json_node &node = parser.nodes[parser.open[depth - 1]];
        bool object = node.kind == BATUTA_JSON_OBJECT;
        if (pending) {
            pending = false;
            node.length = 1;
            return object ? key() : value();
        }
        if (index >= total) return fail(BATUTA_JSON_TRUNCATED);
        uint8_t byte = text[positions[index]];
        if (byte == ',') {
            index++;
            node.length++;
            return object ? key() : value();
        }
        if (byte != (object ? '}' : ']')) return fail(BATUTA_JSON_UNEXPECTED);
        close();
        return BATUTA_JSON_OK;
    }
};

// ---- The store of parsers, one per thread.

constexpr int keep_parsers = 4;

struct Store {
    batuta_json_parser *idle[keep_parsers] = {};
    int count = 0;
    ~Store() {
        while (count > 0) delete std::exchange(idle[--count], nullptr);
        count = keep_parsers;  // A release after the thread's end deletes.
    }
};

thread_local Store store;

}  // namespace

batuta_json_parser *batuta_json_acquire(void) {
    if (store.count > 0 && store.idle[store.count - 1]) {
        return std::exchange(store.idle[--store.count], nullptr);
    }
    return new (std::nothrow) batuta_json_parser();
}

void batuta_json_release(batuta_json_parser *parser) {
    if (!parser) return;
    parser->shrink();
    if (store.count < keep_parsers) {
        store.idle[store.count++] = parser;
    } else {
        delete parser;
    }
}

void batuta_json_read(
    batuta_json_parser *parser, const uint8_t *bytes, size_t length, batuta_json_limits limits, batuta_json_tape *tape
) {
    *tape = {nullptr, nullptr, 0, BATUTA_JSON_OK, 0};
    constexpr size_t ceiling = size_t(1) << 30;
    if (length == 0) {
        tape->error = BATUTA_JSON_EMPTY;
        return;
    }
    if (length > limits.bytes || length > ceiling) {
        tape->error = BATUTA_JSON_TOO_LONG;
        tape->error_offset = limits.bytes;
        return;
    }
    if (!parser->reserve_text(length)) {
        tape->error = BATUTA_JSON_NO_MEMORY;
        return;
    }
    std::memcpy(parser->text, bytes, length);
    std::memset(parser->text + length, ' ', padding);
    tape->error = translate(parser->stage->stage1(parser->text, length, simdjson::stage1_mode::regular));
    if (tape->error) {
        tape->error_offset = locate(tape->error, parser->text, length);
        return;
    }
    Walk walk(*parser, length, limits);
    tape->error = walk.document();
    tape->error_offset = walk.error_offset;
    tape->text = parser->text;
    tape->nodes = parser->nodes;
    tape->count = walk.count;
}

uint32_t batuta_json_find(
    const batuta_json_node *nodes, const uint8_t *text, uint32_t object, const uint8_t *key, size_t key_length
) {
    uint32_t found = 0;
    uint32_t at = object + 1;
    for (uint32_t left = nodes[object].length; left > 0; left--) {
        const batuta_json_node &name = nodes[at];
        if (name.length == key_length && std::memcmp(text + name.offset, key, key_length) == 0) found = at + 1;
        at = nodes[at + 1].next;
    }
    return found;
}

bool batuta_json_may_repeat_keys(const batuta_json_node *nodes, const uint8_t *text, uint32_t object) {
    const batuta_json_node *names[32];
    uint32_t members = nodes[object].length;
    if (members > 32) return true;
    uint32_t at = object + 1;
    for (uint32_t member = 0; member < members; member++) {
        const batuta_json_node *name = &nodes[at];
        for (uint32_t other = 0; other < member; other++) {
            if (names[other]->length == name->length &&
                std::memcmp(text + names[other]->offset, text + name->offset, name->length) == 0) {
                return true;
            }
        }
        names[member] = name;
        at = nodes[at + 1].next;
    }
    return false;
}

/// A bit in each of eight bytes that JSON text cannot hold as it is; exact up to and with the lowest of them.
static inline uint64_t special_bytes(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    return (((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & tops;
}

static inline uint64_t load_eight(const uint8_t *bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

size_t batuta_json_plain_prefix(const uint8_t *bytes, size_t length) {
    size_t at = 0;
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
    for (; at + 16 <= length; at += 16) {
        __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i *>(bytes + at));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
        __m128i special = _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
        int mask = _mm_movemask_epi8(special);
        if (mask) return at + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
    }
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; at + 8 <= length; at += 8) {
        uint64_t special = special_bytes(load_eight(bytes + at));
        if (special) return at + static_cast<size_t>(__builtin_ctzll(special)) / 8;
    }
    // The last few bytes once more, together with plain ones before them.
    if (at < length && length >= 8) {
        uint64_t special = special_bytes(load_eight(bytes + length - 8));
        return special ? length - 8 + static_cast<size_t>(__builtin_ctzll(special)) / 8 : length;
    }
#endif
    while (at < length && bytes[at] >= 0x20 && bytes[at] != '"' && bytes[at] != '\\') at++;
    return at;
}

size_t batuta_json_escape(const uint8_t *bytes, size_t length, uint8_t *out) {
    static const char digits[] = "0123456789abcdef";
    uint8_t *start = out;
    for (size_t at = 0; at < length;) {
        size_t run = batuta_json_plain_prefix(bytes + at, length - at);
        std::memcpy(out, bytes + at, run);
        out += run;
        at += run;
        if (at == length) break;
        uint8_t byte = bytes[at++];
        *out++ = '\\';
        switch (byte) {
            case '"':
            case '\\': *out++ = byte; break;
            case '\b': *out++ = 'b'; break;
            case '\f': *out++ = 'f'; break;
            case '\n': *out++ = 'n'; break;
            case '\r': *out++ = 'r'; break;
            case '\t': *out++ = 't'; break;
            default:
                std::memcpy(out, "u00", 3);
                out[3] = static_cast<uint8_t>(digits[byte >> 4]);
                out[4] = static_cast<uint8_t>(digits[byte & 15]);
                out += 5;
        }
    }
    return static_cast<size_t>(out - start);
}
