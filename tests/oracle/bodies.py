"""Bodies at the edges of the text format, one target each: is it taken or refused, and how is it read?

Not all of it is text, so these are bytes. Left out is what 2.42 and later versions read differently; the head of
oracle_test.py lists that.
"""

BODIES = {
    # Numbers.
    "value without digits before the point": b"m .5\n",
    "value without digits after the point": b"m 5.\n",
    "value with a plus sign": b"m +5\n",
    "value with two signs": b"m --5\n",
    "value of a point": b"m .\n",
    "value with an exponent alone": b"m e5\n",
    "value with an open exponent": b"m 5e\n",
    "value with an upper case exponent": b"m 5E-2\n",
    "value with underscores": b"m 1_000\n",
    "value in hexadecimal": b"m 0x1F\n",
    "value in hexadecimal with exponent": b"m 0x1p4\n",
    "value beyond all floats": b"m 1e400\n",
    "value below all floats": b"m 1e-400\n",
    "value with many digits": b"m 0.1000000000000000055511151231257827021181583404541015625\n",
    "value halfway between floats": b"m 9007199254740993\n",
    "value infinity": b"m infinity\nn -INF\no +iNf\n",
    "value nan": b"m nan\nn NAN\n",
    "value nan with a sign": b"m -NaN\n",
    "value missing": b"m\n",
    "value missing after labels": b'm{a="b"}\n',
    "value of text": b"m abc\n",
    "value glued to the labels": b'm{a="b"}1\n',
    # Timestamps.
    "timestamp negative": b"m 1 -1\n",
    "timestamp with a fraction": b"m 1 1.5\n",
    "timestamp too long": b"m 1 99999999999999999999\n",
    "timestamp of text": b"m 1 soon\n",
    "something after the timestamp": b"m 1 1 1\n",
    "something like an exemplar": b'm 1 # {a="b"} 1\n',
    # Names.
    "name with a colon": b"a:b 1\n",
    "name with a digit first": b"1a 1\n",
    "name with a dash": b"a-b 1\n",
    "label name with a colon": b'm{a:b="1"} 1\n',
    "label name with a digit first": b'm{1a="1"} 1\n',
    "label name missing": b'm{="1"} 1\n',
    "label __name__": b'm{__name__="n"} 1\n',
    "no name": b'{a="b"} 1\n',
    "label for internal use": b'm{__a="b"} 1\n',
    # Labels.
    "labels empty": b"m{} 1\n",
    "labels of a comma": b"m{,} 1\n",
    "labels with two commas": b'm{a="1",,b="2"} 1\n',
    "labels without a comma": b'm{a="1"b="2"} 1\n',
    "labels with a comma first": b'm{,a="1"} 1\n',
    "labels not closed": b'm{a="1" 1\n',
    "labels not quoted": b"m{a=1} 1\n",
    "labels in single quotes": b"m{a='1'} 1\n",
    "label value not closed": b'm{a="1} 1\n',
    "label value with a line break": b'm{a="1\n2"} 1\n',
    "label value with a tab": b'm{a="1\t2"} 1\n',
    "label value with unknown escapes": b'm{a="\\x\\t\\r\\0\\u0041"} 1\n',
    "label value with an escape last": b'm{a="1\\\\"} 1\n',
    "label value with an open escape": b'm{a="1\\"} 1\n',
    "label value that is no UTF-8": b'm{a="\xff\xfe"} 1\n',
    "label value with a surrogate": b'm{a="\xed\xa0\x80"} 1\n',
    "label value with a long form": b'm{a="\xc0\x80"} 1\n',
    "label value beyond the BMP": 'm{a="\U0001f600"} 1\n'.encode(),
    "label value of spaces": b'm{a="  "} 1\n',
    "labels in another order": b'm{b="1",a="2"} 1\nm{a="2",b="1"} 2\n',
    # Lines.
    "blank lines": b"\n\n   \n\t\nm 1\n\n",
    "spaces after the value": b"m 1   \nn 2\t\n",
    "spaces everywhere": b'm { a = "b" , c = "d" , } 1 \n',
    "no line": b"\n",
    "a comment last": b"m 1\n# the end",
    "a comment without a space": b"#comment\nm 1\n#\n# \n",
    "a comment that is no UTF-8": b"# \xff\xfe\nm 1\n",
    "an unknown keyword": b"# UNIT m seconds\nm 1\n",
    "two samples in a line": b"m 1 n 2\n",
    "a byte order mark": b"\xef\xbb\xbfm 1\n",
    "a NUL byte in a value": b"m 1\x00\n",
    # HELP and TYPE.
    "help without text": b"# HELP m\nm 1\n",
    "help with an empty text": b"# HELP m \nm 1\n",
    "help without a name": b"# HELP\nm 1\n",
    "help that is no UTF-8": b"# HELP m \xff\xfe\nm 1\n",
    "help with spaces": b"#   HELP   m   a text\nm 1\n",
    "type without a type": b"# TYPE m\nm 1\n",
    "type unknown to the format": b"# TYPE m something\nm 1\n",
    "type in upper case": b"# TYPE m COUNTER\nm 1\n",
    "type with spaces": b"# TYPE  m  counter\nm 1\n",
    "type twice": b"# TYPE m counter\n# TYPE m gauge\nm 1\n",
    "type after its samples": b"m 1\n# TYPE m counter\nm{a=\"b\"} 1\n",
    "type info": b"# TYPE m info\nm 1\n",
    # A sample is lost, the scrape goes on; or not.
    "same series with other spaces": b'm{a="1"} 1\nm{ a="1" } 2\nm{a="1",} 3\n',
    "same series with an empty label": b'm 1\nm{a=""} 2\n',
    "good lines before a bad one": b"a 1\nb 2\nc{ 3\nd 4\n",
    "bad line last and open": b"a 1\nb",
}

PREFIX = "/bodies/"


def paths():
    """Path -> body."""
    return {f"{PREFIX}{number}": body for number, body in enumerate(BODIES.values())}


def targets(address):
    """The targets of all bodies as the items of a static_configs list, labelled with what each is about."""
    return "\n".join(
        f'      - {{targets: ["{address}"], labels: {{__metrics_path__: {path}, body: "{name}"}}}}'
        for name, path in zip(BODIES, paths())
    )
