#pragma once
#include <stdbool.h>
#include <stddef.h>

/// Lines that somebody types at a terminal, with editing and a history: libedit, in UTF-8 whatever the locale is.
///
/// While a line is edited no key is a signal: Ctrl-C is an answer of `batuta_editor_read` like any other. Between two lines the terminal is as it
/// was, and it is put back when the process exits in the middle of one.

typedef struct batuta_editor batuta_editor;

enum batuta_editor_answer {
    /// A line was entered.
    batuta_editor_line,
    /// Ctrl-D on an empty line, or there is no input any more.
    batuta_editor_end,
    /// Ctrl-C on an empty line.
    batuta_editor_interrupted,
    /// Ctrl-C on a line that was begun.
    batuta_editor_dropped,
};

/// Standard input and output must be a terminal; NULL when it cannot be edited on.
batuta_editor *batuta_editor_open(void);
void batuta_editor_close(batuta_editor *editor);

/// Asks for a line. Blocks; one thread at a time.
///
/// `prompt` may hold colours between two bytes of 1. `start` stands in the line already. `line` is valid until the next call, ends with a zero, and
/// has no line break.
enum batuta_editor_answer batuta_editor_read(batuta_editor *editor, const char *prompt, const char *start, const char **line);

/// Puts a line where the arrow up finds it.
void batuta_editor_remember(batuta_editor *editor, const char *line);
