"""What senders write that means something somewhere: none of it may become code, and all of it arrives as it was."""

#: Texts for templates, shells, queries, loggers, YAML, HTML, terminals, headers and file systems.
TEXTS = [
    "{{7*7}}", "{{ event.data }}", "${{ 7*7 }}", "$${{ 7*7 }}", "${{ event.data }}", "${{ '}}' }}", "}}", "${{", "$${{",
    "${{ secrets.a }}", "{% raw %}{{ 7*7 }}{% endraw %}", "{# a #}", "<% 7*7 %>", "<%= id %>", "#{7*7}", "${7*7}",
    "${jndi:ldap://x/a}", "%{(1+1)}", "{0.__class__}", "%(a)s", "%s%n", "f'{id}'", "__import__('os').system('id')",
    "!!python/object/apply:os.system ['id']", "!!python/name:os.system", "!!binary aGk=", "!ruby/object", "&a [*a]",
    "<<: *a", "- {a: b}", "? a", "a: b", "# a", "---\n...", "%YAML 1.1", "on", "yes", "~", "12:30", "0o17", "1_000",
    "=cmd|' /C calc'!A0", "'; DROP TABLE runs; --", '" OR ""="', "1 OR 1=1", '"}, {"a": "b', "\\", '\\"', "'", '"',
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><b>", "--><b>", "]]>", "&lt;b&gt;", "&#0;",
    "javascript:alert(1)", '<!ENTITY x SYSTEM "file:///etc/passwd">', "$(id)", "`id`", "| id", "; id", "$HOME", "~root",
    "../../etc/passwd", "%2e%2e%2f", "C:\\con", "\\u0000", "\0", "\0\0x", "a\0b", "\x1b[31m",
    "\x1b]0;x\x07", "\x08\x7f",
    "\x85\x9b", "\r\nX: y", "a\r\nX: y", "\n", "\r", "\u202egnp.exe", "\u2066\u2069", "\u061c\u200f", "mark\ufeff",
    "\ufeffmark", "\u200b", "e\u0301", "\u00e9", "\u212b\u00c5", "\U0001f600", "\U0010ffff",
    "\ufffe", "\ufffd", "\ud7ff",
    "\ue000", "\u2028\u2029", "true", "false", "null", "None", "NaN", "undefined", "Infinity", "1e999", "0x10", "-0",
    "1.0", "01", "__proto__", "constructor", "toString", "  leading and trailing  ", "\t", "", " ",
    "wink_pat_", "?apikey=",
    "${{" * 500, "{" * 5_000, "a" * 70_000,
]  # fmt: skip

#: Numbers, as senders write them.
NUMBERS = [
    "0", "-0", "-0.0", "0.0", "1.0", "1.50", "1E2", "1e-7", "1e22", "1.7976931348623157e308", "5e-324", "0.1",
    "123456789012345678901234567890.5", "9007199254740993", "18446744073709551616",
    "-9223372036854775809", "1" + "0" * 400,
]  # fmt: skip

#: Names that look alike, or mean something to somebody.
NAMES = [
    "__proto__",
    "a",
    "A",
    "a ",
    "a\u200b",
    "e\u0301",
    "\u00e9",
    "",
    "0",
    "00",
    "self",
    "items",
    "keys",
    *TEXTS[:-3],
]

#: JSON that is none, or that two readers could understand in two ways.
REFUSED = [
    '{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 2}', '{"a": "\\ud800"}', '{"\\udc00": 1}', "[1e400]", "-1e400", "[NaN]",
    "[Infinity]", '{"a": "\0"}', "[1,]", "{'a': 1}", "[01]", "[+1]", "[.5]", "// a\n[1]",
    '"\\x41"', "[" * 300 + "]" * 300,
]  # fmt: skip
