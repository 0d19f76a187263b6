#include "CTemplates.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* Every file under templates/, embedded by the compiler; a test compares this list with the folder. */

static const uint8_t hello_en_project[] = {
#embed "../../../templates/hello/en/batuta.yaml"
};
static const uint8_t hello_en_ignore[] = {
#embed "../../../templates/hello/en/.gitignore"
};
static const uint8_t hello_en_readme[] = {
#embed "../../../templates/hello/en/README.md"
};
static const uint8_t hello_en_assistant[] = {
#embed "../../../templates/hello/en/agents/assistant.md"
};
static const uint8_t hello_en_honesty[] = {
#embed "../../../templates/hello/en/prompts/honesty.md"
};
static const uint8_t hello_en_rehearsal[] = {
#embed "../../../templates/hello/en/rehearsals/assistant.yaml"
};
static const uint8_t hello_en_rehearsal_pt[] = {
#embed "../../../templates/hello/en/rehearsals/assistente.yaml"
};
static const uint8_t hello_en_rate[] = {
#embed "../../../templates/hello/en/tools/exchange_rate.yaml"
};
static const uint8_t hello_pt_project[] = {
#embed "../../../templates/hello/pt-BR/batuta.yaml"
};
static const uint8_t hello_pt_ignore[] = {
#embed "../../../templates/hello/pt-BR/.gitignore"
};
static const uint8_t hello_pt_readme[] = {
#embed "../../../templates/hello/pt-BR/README.md"
};
static const uint8_t hello_pt_assistant[] = {
#embed "../../../templates/hello/pt-BR/agents/assistant.md"
};
static const uint8_t hello_pt_honesty[] = {
#embed "../../../templates/hello/pt-BR/prompts/honesty.md"
};
static const uint8_t hello_pt_rehearsal[] = {
#embed "../../../templates/hello/pt-BR/rehearsals/assistant.yaml"
};
static const uint8_t hello_pt_rehearsal_pt[] = {
#embed "../../../templates/hello/pt-BR/rehearsals/assistente.yaml"
};
static const uint8_t hello_pt_rate[] = {
#embed "../../../templates/hello/pt-BR/tools/exchange_rate.yaml"
};

#define FILE_OF(template_name, language, path, bytes) {template_name, language, path, bytes, sizeof bytes}

static const batuta_template_file files[] = {
    FILE_OF("hello", "en", ".gitignore", hello_en_ignore),
    FILE_OF("hello", "en", "README.md", hello_en_readme),
    FILE_OF("hello", "en", "agents/assistant.md", hello_en_assistant),
    FILE_OF("hello", "en", "batuta.yaml", hello_en_project),
    FILE_OF("hello", "en", "prompts/honesty.md", hello_en_honesty),
    FILE_OF("hello", "en", "rehearsals/assistant.yaml", hello_en_rehearsal),
    FILE_OF("hello", "en", "rehearsals/assistente.yaml", hello_en_rehearsal_pt),
    FILE_OF("hello", "en", "tools/exchange_rate.yaml", hello_en_rate),
    FILE_OF("hello", "pt-BR", ".gitignore", hello_pt_ignore),
    FILE_OF("hello", "pt-BR", "README.md", hello_pt_readme),
    FILE_OF("hello", "pt-BR", "agents/assistant.md", hello_pt_assistant),
    FILE_OF("hello", "pt-BR", "batuta.yaml", hello_pt_project),
    FILE_OF("hello", "pt-BR", "prompts/honesty.md", hello_pt_honesty),
    FILE_OF("hello", "pt-BR", "rehearsals/assistant.yaml", hello_pt_rehearsal),
    FILE_OF("hello", "pt-BR", "rehearsals/assistente.yaml", hello_pt_rehearsal_pt),
    FILE_OF("hello", "pt-BR", "tools/exchange_rate.yaml", hello_pt_rate),
};

size_t batuta_template_file_count(void) { return sizeof files / sizeof files[0]; }

const batuta_template_file *batuta_template_file_at(size_t index) {
    return index < batuta_template_file_count() ? &files[index] : NULL;
}
