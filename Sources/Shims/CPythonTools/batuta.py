"""Tools for Batuta, written in Python.

Mark a function in tools/*.py and name it in an agent:

    from batuta import tool

    @tool(effect="critical", idempotent=True)
    def pause(campaign_id: str, reason: str = "") -> dict:
        \"\"\"Pauses one campaign.

        Args:
            campaign_id: Its number.
            reason: Why, for the record.
        \"\"\"

The schema comes from the type hints, the descriptions from the docstring. A parameter called `context` is given a Context and is
not shown to the model. The server runs its own copy of this file; this one is for your editor and your tests.
"""

from __future__ import annotations

import asyncio
import collections.abc
import ctypes
import dataclasses
import datetime
import decimal
import enum
import faulthandler
import importlib.util
import inspect
import json
import os
import pathlib
import queue
import signal
import sys
import threading
import traceback
import types
import typing
import uuid

__all__ = ["Context", "ToolError", "TryAgain", "Uncertain", "tool"]

EFFECTS = ("read", "write", "critical")


class ToolError(Exception):
    """The call cannot be done as it was asked; the message goes to the model."""


class TryAgain(Exception):
    """Nothing was done, and the same call may work in a moment. `after`: seconds to wait at least."""

    def __init__(self, message: str = "try again later", after: float | None = None):
        super().__init__(message)
        self.after = after


class Uncertain(Exception):
    """The effect may or may not have happened; it is not repeated unless the tool is idempotent."""


@dataclasses.dataclass(frozen=True)
class Context:
    """What a call is told beside its arguments."""

    #: Stays the same on every attempt and after a crash: send it to services that promise to do a thing once.
    idempotency_key: str = ""
    call_id: str = ""
    attempt: int = 1
    run_id: str = ""
    session_id: str = ""
    agent: str = ""
    #: `id`, `name`, `email`, `role` of whoever the run works for, as far as they are known.
    user: dict = dataclasses.field(default_factory=dict)
    profile: dict = dataclasses.field(default_factory=dict)
    language: str = "en"
    is_rehearsal: bool = False
    #: The accounts that the tool names under `connections`, by name: `token` and its fields.
    connections: dict = dataclasses.field(default_factory=dict)


def tool(function=None, *, effect=None, idempotent=None, name=None, description=None, timeout=None, retry=None,
         cache=None, invalidates=(), repeats=None, connections=(), check=(), settle=None, **others):
    """Marks a function as a tool.

    effect: "read" changes nothing, "write" changes something, "critical" asks a person first.
    idempotent: calling twice with one key is like calling once.
    timeout: of one attempt, as "30s" or seconds. retry: a profile's name or {"attempts": 2}.
    cache: how long a read's result is kept, as "5m" or {"ttl": "5m", "scope": "project", "tags": [...]}.
    invalidates: tags of kept results that a call makes stale. repeats="allowed": identical calls are no loop.
    connections: names of the accounts whose tokens the call needs, in context.connections.
    check: further conditions on the arguments, with what the model is told when one does not hold:
        [("size(params.reason) < 500", "Keep the reason under 500 characters.")]
    settle: how to find out whether a call whose answer was lost took effect:
        {"tool": "list_campaigns", "arguments": {"name": "${params.name}"}, "within": "10s",
         "done": "result.campaigns.exists(c, c.name == params.name)"}
    """

    def mark(function):
        function.__batuta_tool__ = {
            "effect": effect, "idempotent": idempotent, "name": name or function.__name__, "description": description,
            "timeout": timeout, "retry": retry, "cache": cache, "invalidates": list(invalidates), "repeats": repeats,
            "connections": list(connections), "check": [condition_of(entry) for entry in check], "settle": settle,
            "others": list(others),
        }
        return function

    return mark if function is None else mark(function)


def condition_of(entry) -> dict:
    """A pair of an expression and its words, as tools/NAME.yaml has it."""
    return dict(zip(("that", "message"), entry)) if isinstance(entry, (tuple, list)) else entry


# ---------------------------------------------------------------------------------------------------------------------
# Schemas


class Unfit(Exception):
    """A type that no JSON can be read as."""


PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", decimal.Decimal: "number"}
FORMATS = {datetime.datetime: "date-time", datetime.date: "date", datetime.time: "time", uuid.UUID: "uuid"}
LISTS = (list, set, frozenset, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Set)
MAPS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))


def is_typed_dict(hint) -> bool:
    return isinstance(hint, type) and issubclass(hint, dict) and hasattr(hint, "__required_keys__")


def schema_of(hint, depth: int = 0) -> dict:
    if depth > 8:
        raise Unfit("types that contain themselves are not supported")
    if hint is inspect.Parameter.empty or hint is typing.Any or hint is object:
        return {}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return {**schema_of(arguments[0], depth), **annotations_of(arguments[1:])}
    if isinstance(hint, type) and hint in PLAIN:
        return {"type": PLAIN[hint]}
    if isinstance(hint, type) and hint in FORMATS:
        return {"type": "string", "format": FORMATS[hint]}
    if origin in UNIONS:
        return union_schema(arguments, depth)
    if origin is typing.Literal:
        return values_schema(list(arguments))
    if hint in LISTS or origin in LISTS:
        inner = schema_of(arguments[0], depth + 1) if arguments else {}
        unique = {"uniqueItems": True} if (origin or hint) in (set, frozenset, collections.abc.Set) else {}
        return {"type": "array", **({"items": inner} if inner else {}), **unique}
    if hint is tuple or origin is tuple:
        return tuple_schema(arguments, depth)
    if is_typed_dict(hint):
        return object_schema(typing.get_type_hints(hint, include_extras=True), set(hint.__required_keys__), {}, hint, depth)
    if hint in MAPS or origin in MAPS:
        inner = schema_of(arguments[1], depth + 1) if len(arguments) > 1 else {}
        return {"type": "object", **({"additionalProperties": inner} if inner else {})}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return values_schema([member.value for member in hint])
    if isinstance(hint, type) and issubclass(hint, pathlib.PurePath):
        return {"type": "string"}
    if dataclasses.is_dataclass(hint):
        return dataclass_schema(hint, depth)
    if hasattr(hint, "model_json_schema"):
        return hint.model_json_schema()
    if isinstance(hint, typing.NewType if isinstance(typing.NewType, type) else ()):
        return schema_of(hint.__supertype__, depth)
    raise Unfit(f"no JSON can be read as {getattr(hint, '__name__', hint)}")


def annotations_of(notes) -> dict:
    found: dict = {}
    for note in notes:
        if isinstance(note, str):
            found["description"] = note
        elif isinstance(note, dict):
            found.update(note)
    return found


def union_schema(arguments, depth: int) -> dict:
    options = [schema_of(argument, depth + 1) for argument in arguments]
    if all(set(option) == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}


def values_schema(values: list) -> dict:
    kinds = {PLAIN.get(type(value)) for value in values}
    if None in kinds:
        raise Unfit("values of enumerations must be texts, numbers or truth values")
    return {**({"type": kinds.pop()} if len(kinds) == 1 else {}), "enum": values}


def tuple_schema(arguments, depth: int) -> dict:
    if not arguments or arguments[-1] is Ellipsis:
        return schema_of(list[arguments[0]] if arguments else list, depth)
    return {"type": "array", "prefixItems": [schema_of(argument, depth + 1) for argument in arguments],
            "minItems": len(arguments), "maxItems": len(arguments)}


def object_schema(hints: dict, required: set, defaults: dict, kind, depth: int) -> dict:
    described = docstring_of(kind)[1]
    properties = {}
    for key, hint in hints.items():
        properties[key] = schema_of(without_marks(hint), depth + 1)
        if key in described:
            properties[key].setdefault("description", described[key])
        if key in defaults:
            properties[key]["default"] = defaults[key]
    return {"type": "object", "properties": properties, **({"required": sorted(required)} if required else {}),
            "additionalProperties": False}


def without_marks(hint):
    """Required[X] and NotRequired[X] without the mark."""
    origin = typing.get_origin(hint)
    marks = [getattr(typing, mark, None) for mark in ("Required", "NotRequired", "ReadOnly")]
    return without_marks(typing.get_args(hint)[0]) if origin is not None and origin in marks else hint


def dataclass_schema(kind, depth: int) -> dict:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    missing = dataclasses.MISSING
    required = {field.name for field in fields if field.default is missing and field.default_factory is missing}
    defaults = {field.name: plain_default(field.default) for field in fields if field.default is not missing}
    defaults = {key: value for key, value in defaults.items() if value is not missing}
    return object_schema({field.name: hints[field.name] for field in fields}, required, defaults, kind, depth)


def plain_default(value):
    value = value.value if isinstance(value, enum.Enum) else value
    return value if value is not None and isinstance(value, (str, int, float, bool)) else dataclasses.MISSING


def docstring_of(thing) -> tuple[str, dict]:
    """What a docstring says of the whole, and of each argument (Google or Sphinx style)."""
    own = thing.__doc__ if isinstance(getattr(thing, "__doc__", None), str) else ""
    if dataclasses.is_dataclass(thing) and own.startswith(getattr(thing, "__name__", "") + "("):
        own = ""
    text, arguments, current, section, base = [], {}, None, "text", 0
    for line in inspect.cleandoc(own).splitlines():
        stripped, indent = line.strip(), len(line) - len(line.lstrip())
        if stripped.startswith(":param ") and ":" in stripped[7:]:
            head, _, words = stripped[7:].partition(":")
            current, section = head.split()[-1], "sphinx"
            arguments[current] = words.strip()
        elif stripped.startswith((":return", ":rtype", ":raises", ":type ")):
            current, section = None, "other"
        elif indent == 0 and stripped.rstrip(":").lower() in SECTIONS and stripped.endswith(":"):
            section = "google" if stripped.rstrip(":").lower() in ARGUMENTS else "other"
            current, base = None, 0
        elif section == "google" and stripped and indent > 0:
            base = base or indent
            head, colon, words = stripped.partition(":")
            if indent == base and colon and head.split("(")[0].strip().isidentifier():
                current = head.split("(")[0].strip()
                arguments[current] = words.strip()
            elif current:
                arguments[current] = f"{arguments[current]} {stripped}".strip()
        elif section == "sphinx" and current and stripped and indent > 0:
            arguments[current] = f"{arguments[current]} {stripped}".strip()
        elif section == "text" or (indent == 0 and stripped and section == "google"):
            section = "text"
            text.append(line.rstrip())
    return "\n".join(text).strip(), arguments


ARGUMENTS = ("args", "arguments", "parameters", "params", "attributes")
SECTIONS = (*ARGUMENTS, "returns", "return", "raises", "yields", "example", "examples", "note", "notes")


def hints_of(function) -> dict:
    return typing.get_type_hints(inspect.unwrap(function), include_extras=True)


def takes_context(parameter: inspect.Parameter, hints: dict) -> bool:
    return parameter.name == "context" or hints.get(parameter.name) is Context


def parameters_of(function) -> tuple[dict, list]:
    """The JSON Schema of a function's arguments, and the names of those without a type."""
    hints, described = hints_of(function), docstring_of(function)[1]
    properties, required, bare = {}, [], []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            raise Unfit(f"`*{parameter.name}` cannot be described to a model: name every parameter")
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise Unfit(f"`{parameter.name}` must not be positional-only")
        if takes_context(parameter, hints):
            continue
        if parameter.name not in hints:
            bare.append(parameter.name)
        try:
            schema = schema_of(hints.get(parameter.name, inspect.Parameter.empty))
        except Unfit as problem:
            raise Unfit(f"parameter `{parameter.name}`: {problem}") from None
        if parameter.name in described:
            schema.setdefault("description", described[parameter.name])
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
        elif plain_default(parameter.default) is not dataclasses.MISSING:
            schema.setdefault("default", plain_default(parameter.default))
        properties[parameter.name] = schema
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    definitions: dict = {}
    for value in properties.values():
        definitions.update(value.pop("$defs", {}))
    if definitions:
        schema["$defs"] = definitions
    if required:
        schema["required"] = required
    return schema, bare


# ---------------------------------------------------------------------------------------------------------------------
# Values


def converted(hint, value):
    """JSON as the type hint wants it. What does not fit is passed on: the schema has been checked already."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return converted(arguments[0], value)
    if value is None:
        return None
    if origin in UNIONS:
        return converted_union(arguments, value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if hint is decimal.Decimal:
        return decimal.Decimal(str(value))
    if hint is datetime.datetime:
        return datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    if hint in (datetime.date, datetime.time):
        return hint.fromisoformat(value)
    if hint is uuid.UUID:
        return uuid.UUID(value)
    if isinstance(value, list) and (origin or hint) in (*LISTS, tuple):
        return converted_list(origin or hint, arguments, value)
    if isinstance(value, dict):
        return converted_object(hint, origin, arguments, value)
    if isinstance(hint, type) and issubclass(hint, (enum.Enum, pathlib.PurePath)):
        return hint(value)
    return value


def converted_union(arguments, value):
    for argument in arguments:
        kind = typing.get_origin(argument) or argument
        if isinstance(kind, type) and type(value) is kind:
            return converted(argument, value)
    for argument in arguments:
        try:
            changed = converted(argument, value)
        except (TypeError, ValueError):
            continue
        if changed is not value:
            return changed
    return value


def converted_list(kind, arguments, value: list):
    if kind is tuple and arguments and arguments[-1] is not Ellipsis:
        return tuple(converted(hint, element) for hint, element in zip(arguments, value))
    hint = arguments[0] if arguments else typing.Any
    elements = [converted(hint, element) for element in value]
    return kind(elements) if kind in (set, frozenset, tuple) else elements


def converted_object(hint, origin, arguments, value: dict):
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        return hint(**{key: converted(hints.get(key, typing.Any), element) for key, element in value.items()})
    if is_typed_dict(hint):
        hints = typing.get_type_hints(hint, include_extras=True)
        return {key: converted(without_marks(hints.get(key, typing.Any)), element) for key, element in value.items()}
    if hasattr(hint, "model_validate"):
        return hint.model_validate(value)
    if origin in MAPS and len(arguments) > 1:
        return {key: converted(arguments[1], element) for key, element in value.items()}
    return value


def plain(value):
    """What `json` does not know, as JSON."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    if isinstance(value, (uuid.UUID, pathlib.PurePath)):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, collections.abc.Mapping):
        return dict(value)
    if isinstance(value, (collections.abc.Iterable)) and not isinstance(value, (bytes, bytearray)):
        return list(value)
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a result of type {type(value).__name__} is no JSON: return texts, numbers, lists and dictionaries")


def encoded(value) -> str:
    try:
        return json.dumps(value, default=plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as problem:
        if "JSON compliant" in str(problem):
            raise ValueError("the result holds NaN or Infinity, which JSON does not have") from None
        raise


# ---------------------------------------------------------------------------------------------------------------------
# A file of tools


class ToolFile:
    """One file of tools, imported."""

    def __init__(self, folder: str, name: str):
        self.path = os.path.join(folder, name)
        self.name = name
        self.module = None

    def load(self) -> None:
        stem = self.name[:-3]
        spec = importlib.util.spec_from_file_location(stem, self.path)
        self.module = importlib.util.module_from_spec(spec)
        sys.modules[stem] = self.module
        spec.loader.exec_module(self.module)

    def functions(self) -> dict:
        return {name: value for name, value in vars(self.module).items()
                if inspect.isfunction(value) and value.__module__ == self.module.__name__ and not name.startswith("_")}

    def tools(self) -> dict:
        """The marked functions, by the names under which the file has them."""
        found: dict = {}
        for name, value in vars(self.module).items():
            is_own = inspect.isfunction(value) and value.__module__ == self.module.__name__
            if is_own and hasattr(value, "__batuta_tool__") and all(value is not other for other in found.values()):
                found[name] = value
        return found

    def place_of(self, problem: BaseException) -> str:
        return f"{self.name}:{self.line_of(problem)}"

    def line_of(self, problem: BaseException) -> int:
        if isinstance(problem, SyntaxError) and same_file(problem.filename, self.path):
            return problem.lineno or 1
        frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if same_file(frame.filename, self.path)]
        return frames[-1].lineno if frames else 1


def same_file(one, other) -> bool:
    return one is not None and os.path.basename(one) == os.path.basename(other) and os.path.dirname(one) == os.path.dirname(other)


def in_words(problem: BaseException) -> str:
    if isinstance(problem, SyntaxError):
        return f"{type(problem).__name__}: {problem.msg}"
    return f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__


class TooLong(BaseException):
    """The import of a file takes longer than it may; raised where it is at that moment."""


def load_within(file: ToolFile, seconds: int) -> None:
    def end(*_) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        file.load()
    finally:
        signal.alarm(0)


def described(file: ToolFile, seconds: int) -> dict:
    """What the server has to know of a file: its tools and what is wrong with it."""
    answer: dict = {"tools": [], "functions": {}, "schemas": {}, "problems": []}

    def tell(code: str, line: int, message: str, name: str = "") -> None:
        answer["problems"].append({"code": code, "line": line, "message": message, "name": name})

    if file.name[:-3] in getattr(sys, "stdlib_module_names", ()):
        tell("shadows", 1, file.name[:-3])
        return answer
    try:
        load_within(file, seconds)
    except TooLong as problem:
        tell("slow", file.line_of(problem), str(seconds))
        return answer
    except BaseException as problem:  # also SystemExit: it must not end the description
        code = "syntax" if isinstance(problem, SyntaxError) else "missing" if isinstance(problem, ModuleNotFoundError) else "import"
        tell(code, file.line_of(problem), in_words(problem), getattr(problem, "name", None) or "")
        return answer
    for name, function in file.functions().items():
        answer["functions"][name] = inspect.unwrap(function).__code__.co_firstlineno
        try:
            answer["schemas"][name] = parameters_of(function)[0]
        except Exception:  # a helper that no tool names may take whatever it likes
            pass
    for name, function in file.tools().items():
        describe_tool(name, function, answer, tell)
    return answer


def describe_tool(place: str, function, answer: dict, tell) -> None:
    options = dict(function.__batuta_tool__)
    line = inspect.unwrap(function).__code__.co_firstlineno
    fits = options["effect"] in EFFECTS
    if not fits:
        tell("effect", line, "" if options["effect"] is None else str(options["effect"]), options["name"])
    for other in options.pop("others"):
        tell("option", line, other, options["name"])
    try:
        schema, bare = parameters_of(function)
        json.dumps(options)
    except Unfit as problem:
        tell("parameters", line, str(problem), options["name"])
        return
    except Exception as problem:
        tell("parameters", line, in_words(problem), options["name"])
        return
    for name in bare:
        tell("bare", line, name, options["name"])
    text = options.pop("description") or docstring_of(function)[0]
    if not text:
        tell("docstring", line, "", options["name"])
    if not fits:
        return
    answer["tools"].append({**options, "description": text, "parameters": schema, "function": place, "line": line})


# ---------------------------------------------------------------------------------------------------------------------
# Serving (Model Context Protocol, 2026-07-28, over standard input and output)


class Stopped(BaseException):
    """The caller has stopped the call."""


class Server:
    VERSION = "2026-07-28"
    MOST_THREADS = 32

    def __init__(self, file: ToolFile, requests: int, answers: int):
        self.file = file
        self.requests = requests
        self.answers = answers
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self.jobs: queue.SimpleQueue = queue.SimpleQueue()
        self.threads = 0
        self.idle = 0
        self.running: dict = {}
        self.loop = None
        self.functions: dict = {}
        self.tools: dict = {}

    def run(self) -> None:
        with os.fdopen(self.requests, "rb") as lines:
            try:
                self.load()
            except BaseException as problem:  # also SystemExit
                return self.refuse(lines, problem)
            for line in lines:
                if line.strip():
                    self.take(json.loads(line))

    def load(self) -> None:
        self.file.load()
        tools = self.file.tools()
        self.functions = {**self.file.functions(), **tools}
        self.tools = {function.__batuta_tool__["name"]: function for function in tools.values()}

    def refuse(self, lines, problem: BaseException) -> None:
        """Tells the first who asks why the file cannot be served: starting it again would not help."""
        words = f"{in_words(problem)} ({self.file.place_of(problem)})"
        if isinstance(problem, ModuleNotFoundError):
            words += "; install the module in the environment of the project"
        for line in lines:
            number = json.loads(line).get("id") if line.strip() else None
            if number is not None:
                return self.fail(number, -32603, words, {"batuta/broken": True})

    def take(self, message: dict) -> None:
        method, params, number = message.get("method"), message.get("params") or {}, message.get("id")
        if method == "notifications/cancelled":
            self.stop(params.get("requestId"))
        elif number is None:
            return
        elif method == "tools/call":
            self.begin(number, params)
        elif method == "server/discover":
            self.answer(number, {"supportedVersions": [self.VERSION], "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private"})
        elif method == "tools/list":
            self.answer(number, {"tools": [self.listed(name) for name in sorted(self.tools)], "ttlMs": 0, "cacheScope": "private"})
        else:
            self.fail(number, -32601, f"no method {method}")

    def listed(self, name: str) -> dict:
        function = self.tools[name]
        return {"name": name, "description": docstring_of(function)[0], "inputSchema": parameters_of(function)[0]}

    # Calls

    def begin(self, number, params: dict) -> None:
        meta = params.get("_meta") or {}
        wanted = meta.get("batuta/function")
        function = self.functions.get(wanted) if wanted else self.tools.get(params.get("name"))
        if function is None:
            return self.fail(number, -32602, f"{self.file.name} has no {wanted or params.get('name')}")
        try:
            arguments = self.arguments(function, params.get("arguments") or {}, meta.get("batuta/context") or {})
        except Exception as problem:
            return self.fail(number, -32602, in_words(problem))
        if inspect.iscoroutinefunction(inspect.unwrap(function)):
            return self.begin_async(number, function, arguments)
        with self.lock:
            self.running[number] = None
            more = self.idle == 0 and self.threads < self.MOST_THREADS
            if more:
                self.threads += 1
            else:
                self.idle -= 1
        self.jobs.put((number, function, arguments))
        if more:
            threading.Thread(target=self.work, daemon=True, name="tool").start()

    def arguments(self, function, given: dict, context: dict) -> dict:
        hints = hints_of(function)
        arguments = {name: converted(hints.get(name, typing.Any), value) for name, value in given.items()}
        for parameter in inspect.signature(function).parameters.values():
            if takes_context(parameter, hints):
                known = {field.name for field in dataclasses.fields(Context)}
                arguments[parameter.name] = Context(**{key: value for key, value in context.items() if key in known})
        return arguments

    def work(self) -> None:
        while True:
            number, function, arguments = self.jobs.get()
            try:
                self.perform(number, function, arguments)
            except Stopped as stopped:
                self.end(number, None, stopped)
            with self.lock:
                self.idle += 1

    def perform(self, number, function, arguments) -> None:
        result, problem = None, None
        try:
            with self.lock:
                stopped = number not in self.running
                self.running[number] = threading.get_ident()
            if stopped:
                raise Stopped()
            result = function(**arguments)
            if inspect.iscoroutine(result):
                result = asyncio.run(result)
        except BaseException as raised:
            problem = raised
        try:
            with self.lock:
                self.running.pop(number, None)
            for _ in range(3):
                pass  # a stop that came at the last moment arrives here
        except Stopped:
            self.running.pop(number, None)
        self.end(number, result, problem)

    def begin_async(self, number, function, arguments) -> None:
        if self.loop is None:
            self.loop = asyncio.new_event_loop()
            threading.Thread(target=self.loop.run_forever, daemon=True, name="async tools").start()

        began = []

        async def perform():
            began.append(True)
            result, problem = None, None
            try:
                result = await function(**arguments)
            except asyncio.CancelledError:
                problem = Stopped()
            except BaseException as raised:
                problem = raised
            with self.lock:
                self.running.pop(number, None)
            self.end(number, result, problem)

        def stopped(future) -> None:
            if future.cancelled() and not began:  # before it began: it will not end by itself
                self.running.pop(number, None)
                self.end(number, None, Stopped())

        with self.lock:
            future = asyncio.run_coroutine_threadsafe(perform(), self.loop)
            self.running[number] = future
        future.add_done_callback(stopped)

    def stop(self, number) -> None:
        with self.lock:
            runner = self.running.get(number)
            if isinstance(runner, int):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(runner), ctypes.py_object(Stopped))
            elif runner is not None:
                runner.cancel()
            else:
                self.running.pop(number, None)

    # Answers

    def end(self, number, result, problem) -> None:
        """Answers a call; whatever is wrong with its result or its exception, it has an answer."""
        if problem is None:
            try:
                return self.send(f'{{"jsonrpc":"2.0","id":{json.dumps(number)},"result":{{"resultType":"complete","content":[],'
                                 f'"structuredContent":{encoded(result)}}}}}')
            except BaseException as raised:
                problem = raised
        if isinstance(problem, Stopped):
            return self.fail(number, -32000, "stopped by the caller")
        try:
            words, meta = failure_of(problem)
        except BaseException as raised:  # an exception that cannot be shown
            words, meta = f"{type(problem).__name__}, which cannot be shown: {type(raised).__name__}", {"batuta/failure": "error"}
        self.answer(number, {"content": [{"type": "text", "text": words[:8000]}], "isError": True, "_meta": meta})

    def answer(self, number, result: dict) -> None:
        self.send(encoded({"jsonrpc": "2.0", "id": number, "result": {"resultType": "complete", **result}}))

    def fail(self, number, code: int, message: str, data=None) -> None:
        error = {"code": code, "message": message, **({"data": data} if data else {})}
        self.send(encoded({"jsonrpc": "2.0", "id": number, "error": error}))

    def send(self, message: str) -> None:
        # Half a surrogate pair, as in names of files that are no UTF-8, is no JSON.
        data = memoryview(message.encode("utf-8", "replace") + b"\n")
        with self.writing:
            while data:
                data = data[os.write(self.answers, data):]


def failure_of(problem: BaseException) -> tuple[str, dict]:
    """What the server is told of an exception: words, and how sure it is that nothing happened."""
    if isinstance(problem, ToolError):
        return str(problem), {"batuta/failure": "error"}
    if isinstance(problem, TryAgain):
        after = problem.after.total_seconds() if isinstance(problem.after, datetime.timedelta) else problem.after
        is_time = isinstance(after, (int, float)) and 0 <= after < 1e9
        return str(problem), {"batuta/failure": "try_again", **({"batuta/after": after} if is_time else {})}
    if isinstance(problem, Uncertain):
        return str(problem), {"batuta/failure": "uncertain"}
    complain(problem)
    return in_words(problem), {"batuta/failure": "uncertain" if is_unheard(problem) else "error"}


#: Of the standard library and of the usual HTTP clients, for requests that left and had no answer.
UNHEARD = {"TimeoutError", "Timeout", "TimeoutException", "ConnectionError", "NetworkError", "RemoteProtocolError", "ClientConnectionError"}


def is_unheard(problem: BaseException) -> bool:
    """Whether a service may have done what it was asked, and nobody heard of it."""
    if isinstance(problem, ConnectionRefusedError):
        return False
    reason = getattr(problem, "reason", None)  # urllib
    return any(kind.__name__ in UNHEARD for kind in type(problem).__mro__) or (isinstance(reason, OSError) and is_unheard(reason))


def complain(problem: BaseException) -> None:
    """One line for the log: what was raised, and where in the tools."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.name not in ("perform", "encoded")]
    places = ", ".join(f"{os.path.basename(frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames[-6:])
    print(f"{in_words(problem)} ({places})" if places else in_words(problem), file=sys.stderr, flush=True)


def private_streams() -> tuple[int, int]:
    """What the server is spoken to through, out of the way of whatever prints or reads."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, answers


def main(mode: str, seconds: str, folder: str, name: str) -> None:
    requests, answers = private_streams()
    faulthandler.enable()
    sys.modules["batuta"] = sys.modules["__main__"]
    sys.path[:] = [folder] + [path for path in sys.path if path]
    file = ToolFile(folder, name)
    if mode == "describe":
        os.write(answers, b"\n")
        answer = json.dumps(described(file, int(seconds)), ensure_ascii=True).encode()
        while answer:
            answer = answer[os.write(answers, answer):]
        os.write(answers, b"\n")
        sys.stderr.flush()
        os._exit(0)
    Server(file, requests, answers).run()


if __name__ == "__main__" and len(sys.argv) == 5:
    main(*sys.argv[1:])
