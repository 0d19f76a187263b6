#include "CYAML.h"

#include <stdlib.h>
#include <yaml.h>

struct batuta_yaml {
    yaml_parser_t parser;
    yaml_event_t event;
    bool holds_event;
};

batuta_yaml *batuta_yaml_open(const uint8_t *bytes, size_t count) {
    batuta_yaml *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return NULL;
    if (!yaml_parser_initialize(&reader->parser)) {
        free(reader);
        return NULL;
    }
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, bytes, count);
    return reader;
}

static int32_t kind_of(yaml_event_type_t type) {
    switch (type) {
    case YAML_STREAM_START_EVENT: return batuta_yaml_stream_start;
    case YAML_STREAM_END_EVENT: return batuta_yaml_stream_end;
    case YAML_DOCUMENT_START_EVENT: return batuta_yaml_document_start;
    case YAML_DOCUMENT_END_EVENT: return batuta_yaml_document_end;
    case YAML_ALIAS_EVENT: return batuta_yaml_alias;
    case YAML_SCALAR_EVENT: return batuta_yaml_scalar;
    case YAML_SEQUENCE_START_EVENT: return batuta_yaml_sequence_start;
    case YAML_SEQUENCE_END_EVENT: return batuta_yaml_sequence_end;
    case YAML_MAPPING_START_EVENT: return batuta_yaml_mapping_start;
    case YAML_MAPPING_END_EVENT: return batuta_yaml_mapping_end;
    default: return batuta_yaml_other;
    }
}

static void describe(const yaml_event_t *from, batuta_yaml_event *to) {
    *to = (batuta_yaml_event){
        .kind = kind_of(from->type), .line = from->start_mark.line, .column = from->start_mark.column};
    switch (from->type) {
    case YAML_ALIAS_EVENT: to->anchor = (const char *)from->data.alias.anchor; break;
    case YAML_SCALAR_EVENT:
        to->value = from->data.scalar.value;
        to->length = from->data.scalar.length;
        to->anchor = (const char *)from->data.scalar.anchor;
        to->tag = (const char *)from->data.scalar.tag;
        to->plain = from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        to->block = from->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || from->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
        break;
    case YAML_SEQUENCE_START_EVENT:
        to->anchor = (const char *)from->data.sequence_start.anchor;
        to->tag = (const char *)from->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        to->anchor = (const char *)from->data.mapping_start.anchor;
        to->tag = (const char *)from->data.mapping_start.tag;
        break;
    default: break;
    }
}

bool batuta_yaml_next(batuta_yaml *reader, batuta_yaml_event *event) {
    if (reader->holds_event) {
        yaml_event_delete(&reader->event);
        reader->holds_event = false;
    }
    if (!yaml_parser_parse(&reader->parser, &reader->event)) return false;
    reader->holds_event = true;
    describe(&reader->event, event);
    return true;
}

const char *batuta_yaml_problem(const batuta_yaml *reader, const char **context, size_t *context_line,
                                size_t *line, size_t *column) {
    *context = reader->parser.context;
    *context_line = reader->parser.context_mark.line;
    *line = reader->parser.problem_mark.line;
    *column = reader->parser.problem_mark.column;
    if (reader->parser.error == YAML_MEMORY_ERROR) return "no memory left";
    return reader->parser.problem != NULL ? reader->parser.problem : "not valid YAML";
}

void batuta_yaml_close(batuta_yaml *reader) {
    if (reader->holds_event) yaml_event_delete(&reader->event);
    yaml_parser_delete(&reader->parser);
    free(reader);
}
