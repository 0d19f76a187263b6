// Regular expressions of users and models, in time linear in the text (RE2).
#include "CRE2.h"

#include <re2/re2.h>

#include <new>
#include <string>
#include <vector>

struct batuta_pattern {
    re2::RE2 expression;

    batuta_pattern(re2::StringPiece text, const re2::RE2::Options &options) : expression(text, options) {}
};

batuta_pattern *batuta_pattern_make(const char *pattern, size_t length, int64_t max_memory) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(max_memory);
    try {
        return new batuta_pattern(re2::StringPiece(pattern, length), options);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void batuta_pattern_free(batuta_pattern *pattern) { delete pattern; }

const char *batuta_pattern_error(const batuta_pattern *pattern) {
    return pattern->expression.ok() ? nullptr : pattern->expression.error().c_str();
}

const char *batuta_pattern_error_argument(const batuta_pattern *pattern) { return pattern->expression.error_arg().c_str(); }

int batuta_pattern_groups(const batuta_pattern *pattern) { return pattern->expression.NumberOfCapturingGroups(); }

const char *batuta_pattern_group_name(const batuta_pattern *pattern, int group) {
    const auto &names = pattern->expression.CapturingGroupNames();
    auto found = names.find(group);
    return found == names.end() ? nullptr : found->second.c_str();
}

bool batuta_pattern_match(
    const batuta_pattern *pattern, const char *text, size_t length, size_t start, bool whole, batuta_pattern_group *groups, int count
) {
    re2::StringPiece subject(text ? text : "", length);
    auto anchor = whole ? re2::RE2::ANCHOR_BOTH : re2::RE2::UNANCHORED;
    if (count <= 0) return pattern->expression.Match(subject, start, length, anchor, nullptr, 0);
    try {
        std::vector<re2::StringPiece> found(static_cast<size_t>(count));
        if (!pattern->expression.Match(subject, start, length, anchor, found.data(), count)) return false;
        for (int index = 0; index < count; index++) {
            const auto &piece = found[static_cast<size_t>(index)];
            groups[index] = {piece.data() ? piece.data() - subject.data() : -1, static_cast<ptrdiff_t>(piece.size())};
        }
        return true;
    } catch (const std::bad_alloc &) {
        return false;
    }
}
