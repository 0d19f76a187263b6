import BatutaCore

/// What libyaml says of a file (reader.c, scanner.c and parser.c of version 0.2), for people who read Portuguese.
enum YAMLWords {
    static let invalid = Words("this is not valid YAML", "isto não é YAML válido")

    static let tab = Words("a tab indents this line", "há uma tabulação (tab) no recuo desta linha")
    static let useSpaces = Words("indent with spaces", "use espaços no recuo")

    static func problem(_ text: String) -> Words { Words(text, problems[text] ?? "“\(text)”") }

    static func context(_ text: String) -> Words { Words(text, contexts[text] ?? "“\(text)”") }

    private static let problems: [String: String] = [
        "control characters are not allowed": "caracteres de controle não são aceitos",
        "could not find expected ':'": "falta um `:`",
        "did not find expected key": "falta uma chave, ou o recuo está errado",
        "did not find expected ',' or ']'": "falta uma `,` ou um `]`",
        "did not find expected ',' or '}'": "falta uma `,` ou um `}`",
        "did not find expected '-' indicator": "falta um `-`, ou o recuo está errado",
        "did not find expected node content": "falta um valor",
        "did not find expected <document start>": "o documento devia ter acabado antes",
        "did not find expected comment or line break": "depois disso só cabe um comentário ou uma quebra de linha",
        "did not find expected whitespace": "falta um espaço",
        "did not find expected whitespace or line break": "falta um espaço ou uma quebra de linha",
        "did not find expected alphabetic or numeric character": "falta um nome de letras e números",
        "did not find expected hexdecimal number": "falta um número hexadecimal",
        "did not find expected digit or '.' character": "falta um dígito ou um `.`",
        "did not find expected version number": "falta o número da versão",
        "did not find expected tag URI": "falta a URI da tag",
        "did not find expected '!'": "falta um `!`",
        "did not find the expected '>'": "falta um `>`",
        "did not find URI escaped octet": "falta um byte codificado da URI",
        "mapping values are not allowed in this context": "um valor depois de `:` não cabe aqui; ponha aspas em textos com `:`",
        "mapping keys are not allowed in this context": "uma chave não cabe aqui; veja o recuo",
        "block sequence entries are not allowed in this context": "um item de lista com `-` não cabe aqui; veja o recuo",
        "found character that cannot start any token": "nada pode começar com este caractere; ponha aspas no texto",
        "found a tab character where an indentation space is expected": "o recuo tem uma tabulação; use espaços",
        "found a tab character that violates indentation": "o recuo tem uma tabulação; use espaços",
        "found an indentation indicator equal to 0": "o indicador de recuo não pode ser 0",
        "found unexpected ':'": "há um `:` fora do lugar; ponha aspas no texto",
        "found unexpected document indicator": "há um `---` ou `...` no meio de um texto",
        "found unexpected end of stream": "o arquivo acaba antes da hora",
        "found unknown escape character": "este escape não existe; use aspas simples se a barra invertida faz parte do texto",
        "found invalid Unicode character escape code": "o escape não é um caractere Unicode",
        "found unexpected non-alphabetical character": "há um caractere que não é letra",
        "found unknown directive name": "a diretiva não existe",
        "could not find expected directive name": "falta o nome da diretiva",
        "found extremely long version number": "o número da versão é longo demais",
        "found duplicate %YAML directive": "há duas diretivas %YAML",
        "found duplicate %TAG directive": "há duas diretivas %TAG",
        "found incompatible YAML document": "o documento é de outra versão do YAML",
        "found undefined tag handle": "a tag não foi definida",
        "found an incorrect leading UTF-8 octet": "há UTF-8 inválido",
        "found an incorrect trailing UTF-8 octet": "há UTF-8 inválido",
        "exceeded maximum depth": "há aninhamento demais",
    ]

    private static let contexts: [String: String] = [
        "while parsing a block collection": "em uma lista",
        "while parsing a block mapping": "em um mapeamento",
        "while parsing a flow sequence": "em uma lista entre colchetes",
        "while parsing a flow mapping": "em um mapeamento entre chaves",
        "while parsing a block node": "em um bloco",
        "while parsing a flow node": "entre colchetes ou chaves",
        "while parsing a node": "em um valor",
        "while parsing a quoted scalar": "em um texto entre aspas",
        "while parsing a tag": "em uma tag",
        "while parsing a tag directive": "em uma diretiva %TAG",
        "while parsing a %TAG directive": "em uma diretiva %TAG",
        "while scanning a simple key": "em uma chave",
        "while scanning a block scalar": "em um texto de várias linhas",
        "while scanning a plain scalar": "em um texto sem aspas",
        "while scanning a quoted scalar": "em um texto entre aspas",
        "while scanning an anchor": "em uma âncora",
        "while scanning an alias": "em uma referência a uma âncora",
        "while scanning a tag": "em uma tag",
        "while scanning a directive": "em uma diretiva",
        "while scanning a %YAML directive": "em uma diretiva %YAML",
        "while scanning a %TAG directive": "em uma diretiva %TAG",
        "while scanning a tag directive": "em uma diretiva %TAG",
        "while scanning for the next token": "ao procurar o que vem a seguir",
        "while increasing flow level": "em listas e mapeamentos aninhados",
    ]
}
