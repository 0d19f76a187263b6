#include "CEditline.h"
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

struct batuta_editor {
    EditLine *edit;
    History *history;
    locale_t locale;
    mbstate_t partial;
    const char *prompt;
    char *line;
    bool is_interrupted;
};

static struct termios as_found;

static void put_back(void) { tcsetattr(STDIN_FILENO, TCSADRAIN, &as_found); }

static char *prompt_of(EditLine *edit) {
    batuta_editor *editor = NULL;
    el_get(edit, EL_CLIENTDATA, &editor);
    return (char *)editor->prompt;
}

/// One letter, put together of its bytes; 0 ends the line.
static int letter_of(EditLine *edit, wchar_t *letter) {
    batuta_editor *editor = NULL;
    el_get(edit, EL_CLIENTDATA, &editor);
    for (;;) {
        char byte;
        ssize_t count = read(STDIN_FILENO, &byte, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return (int)count;
        if (byte == 3) {
            editor->is_interrupted = true;
            return 0;
        }
        size_t done = mbrtowc(letter, &byte, 1, &editor->partial);
        if (done == (size_t)-2) continue;
        if (done != (size_t)-1) return 1;
        memset(&editor->partial, 0, sizeof editor->partial);
    }
}

static void configure(batuta_editor *editor) {
    EditLine *edit = editor->edit;
    el_set(edit, EL_CLIENTDATA, editor);
    el_set(edit, EL_PROMPT_ESC, prompt_of, '\1');
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_SIGNAL, 0);
    el_set(edit, EL_GETCFN, letter_of);
    el_set(edit, EL_HIST, history, editor->history);
    // Keys are keys: Ctrl-C is read, Ctrl-Z and Ctrl-\ do nothing.
    el_set(edit, EL_SETTY, "-d", "-isig", NULL);
    el_set(edit, EL_BIND, "^W", "ed-delete-prev-word", NULL);
    el_set(edit, EL_BIND, "^U", "vi-kill-line-prev", NULL);
    el_set(edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    // Home, End and Delete as terminals send them that their description does not tell of.
    const char *keys[][2] = {
        {"\\e[1~", "ed-move-to-beg"}, {"\\e[7~", "ed-move-to-beg"}, {"\\e[H", "ed-move-to-beg"}, {"\\eOH", "ed-move-to-beg"},
        {"\\e[4~", "ed-move-to-end"}, {"\\e[8~", "ed-move-to-end"}, {"\\e[F", "ed-move-to-end"}, {"\\eOF", "ed-move-to-end"},
        {"\\e[3~", "ed-delete-next-char"}, {"\\e[1;5C", "em-next-word"}, {"\\e[1;5D", "ed-prev-word"},
    };
    for (size_t index = 0; index < sizeof keys / sizeof *keys; index++) el_set(edit, EL_BIND, keys[index][0], keys[index][1], NULL);
}

batuta_editor *batuta_editor_open(void) {
    batuta_editor *editor = calloc(1, sizeof *editor);
    if (!editor) return NULL;
    editor->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!editor->locale || tcgetattr(STDIN_FILENO, &as_found) != 0) {
        batuta_editor_close(editor);
        return NULL;
    }
    locale_t before = uselocale(editor->locale);
    HistEvent event;
    editor->history = history_init();
    if (editor->history) history(editor->history, &event, H_SETSIZE, 1000);
    editor->edit = el_init("batuta", stdin, stdout, stderr);
    if (editor->edit && editor->history) configure(editor);
    uselocale(before);
    if (!editor->edit || !editor->history) {
        batuta_editor_close(editor);
        return NULL;
    }
    atexit(put_back);
    return editor;
}

void batuta_editor_close(batuta_editor *editor) {
    if (!editor) return;
    if (editor->edit) el_end(editor->edit);
    if (editor->history) history_end(editor->history);
    if (editor->locale) freelocale(editor->locale);
    free(editor->line);
    free(editor);
}

static enum batuta_editor_answer read_line(batuta_editor *editor, const char *start) {
    el_resize(editor->edit);
    if (*start) el_push(editor->edit, (char *)start);
    int count = 0;
    const char *text = el_gets(editor->edit, &count);
    if (editor->is_interrupted) {
        const LineInfo *info = el_line(editor->edit);
        return info->lastchar == info->buffer ? batuta_editor_interrupted : batuta_editor_dropped;
    }
    if (!text || count <= 0) return batuta_editor_end;
    editor->line = strndup(text, strcspn(text, "\r\n"));
    return editor->line ? batuta_editor_line : batuta_editor_end;
}

enum batuta_editor_answer batuta_editor_read(batuta_editor *editor, const char *prompt, const char *start, const char **line) {
    free(editor->line);
    editor->line = NULL;
    editor->prompt = prompt;
    editor->is_interrupted = false;
    memset(&editor->partial, 0, sizeof editor->partial);
    locale_t before = uselocale(editor->locale);
    enum batuta_editor_answer answer = read_line(editor, start);
    uselocale(before);
    *line = editor->line ? editor->line : "";
    return answer;
}

void batuta_editor_remember(batuta_editor *editor, const char *line) {
    HistEvent event;
    locale_t before = uselocale(editor->locale);
    if (history(editor->history, &event, H_FIRST) < 0 || strcmp(event.str, line) != 0) history(editor->history, &event, H_ENTER, line);
    uselocale(before);
}
