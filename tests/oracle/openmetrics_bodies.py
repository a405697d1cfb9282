"""Bodies in OpenMetrics, for bodies.py. Left out is what 2.42 and later versions read differently; the head of
oracle_test.py lists that.
"""

CONTENT_TYPE_0 = "application/openmetrics-text; version=0.0.1; charset=utf-8"
CONTENT_TYPE_1 = "application/openmetrics-text; version=1.0.0; charset=utf-8"

END = b"# EOF\n"

ALL_TYPES = r"""# HELP jobs What a counter counts.\nIn two lines, with a \\ and a \".
# TYPE jobs counter
# UNIT jobs 
jobs_total{kind="a"} 17 # {trace_id="abc"} 1
jobs_created{kind="a"} 1520430000.123
# TYPE disk_bytes gauge
# UNIT disk_bytes bytes
disk_bytes{path="C:\\DIR",text="a\n\"b\" → ü"} -4.5e9
disk_bytes{path=""} NaN
# TYPE wait_seconds histogram
# UNIT wait_seconds seconds
wait_seconds_bucket{le="0.1"} 3 # {trace_id="x",span_id="ü"} 0.07
wait_seconds_bucket{le="1.0"} 5 # {} 0.5
wait_seconds_bucket{le="+Inf"} 6
wait_seconds_sum 9.5
wait_seconds_count 6
wait_seconds_created 1520430000
# TYPE rpc summary
rpc{quantile="0.5"} 1
rpc{quantile="0.99"} +Inf
rpc_sum 7
rpc_count 3
rpc_created 1520430000
# TYPE build info
build_info{version="1.2",name="x"} 1
# TYPE state stateset
state{state="on"} 1
state{state="off"} 0
# TYPE sizes gaugehistogram
sizes_bucket{le="1.0"} 2
sizes_bucket{le="+Inf"} 4
sizes_gcount 4
sizes_gsum -2.5
# TYPE other unknown
other 1
no_type{a="b"} 2
""".encode()

BODIES = {
    # The end.
    "all types": ALL_TYPES + END,
    "end missing": b"m 1\n",
    "end without a line break": b"m 1\n# EOF",
    "end alone": END,
    "end twice": b"m 1\n" + END + END,
    "something after the end": b"m 1\n" + END + b"n 1\n",
    "end with a space": b"m 1\n# EOF \n",
    "last line without a line break": b"m 1",
    # Lines.
    "a blank line": b"m 1\n\n" + END,
    "a comment": b"# comment\nm 1\n" + END,
    "a carriage return": b"m 1\r\n" + END,
    "a malformed line": b"good 1\nbad{ 2\n" + END,
    "a leading space": b" m 1\n" + END,
    "two spaces": b"m  1\n" + END,
    "a tab": b"m\t1\n" + END,
    "a space at the end": b"m 1 \n" + END,
    "a space before the labels": b'm {a="1"} 1\n' + END,
    "a space in the labels": b'm{a="1", b="2"} 1\n' + END,
    "labels of nothing": b"m{} 1\n" + END,
    "labels not closed": b'm{a="1" 1\n' + END,
    "a label without quotes": b"m{a=1} 1\n" + END,
    "a label twice": b'm{a="1",a="2"} 1\n' + END,
    "a label of UTF-8": 'm{a="Zürich → 東京 \U0001f600"} 1\n'.encode() + END,
    "a label that is no UTF-8": b'm{a="\xff"} 1\n' + END,
    "a label with escapes": rb'm{a="\\ \" \n \x"} 1' + b"\n" + END,
    "no value": b"m\n" + END,
    "no name": b'{a="1"} 1\n' + END,
    "a name with a colon": b"a:b 1\n" + END,
    "a name with a digit first": b"1a 1\n" + END,
    # Values.
    "a value in hexadecimal": b"m 0x1p4\n" + END,
    "a value with underscores": b"m 1_0\n" + END,
    "a value beyond all floats": b"m 1e400\n" + END,
    "values": b"a .5\nb 5.\nc +5\nd -Inf\ne inf\nf nan\ng 1e-400\nh -0\n" + END,
    # Timestamps, in jobs that do not honor them.
    "timestamps": b"a 1 1.5\nb 1 -1.25\nc 1 0\nd 1 1e3\ne 1 -0.0009\nf 1 1520430000.9999\n" + END,
    "a timestamp that is no number": b"m 1 NaN\n" + END,
    "a timestamp without end": b"m 1 +Inf\n" + END,
    "a timestamp of text": b"m 1 soon\n" + END,
    "two timestamps": b"m 1 1 1\n" + END,
    # Exemplars.
    "an exemplar behind a timestamp": b'm_total 1 5 # {a="b"} 1\n' + END,
    "an exemplar without a value": b'm_total 1 # {a="b"}\n' + END,
    "an exemplar without labels": b"m_total 1 # 5\n" + END,
    "an exemplar with a bad timestamp": b'm_total 1 # {a="b"} 1 NaN\n' + END,
    "an exemplar without a space": b'm_total 1 #{a="b"} 1\n' + END,
    "an exemplar twice": b'm_total 1 # {a="b"} 1 # {a="b"} 1\n' + END,
    "an exemplar not closed": b'm_total 1 # {a="b" 1\n' + END,
    # Metadata.
    "type untyped": b"# TYPE m untyped\nm 1\n" + END,
    "type unknown to the format": b"# TYPE m something\nm 1\n" + END,
    "type in upper case": b"# TYPE m COUNTER\nm 1\n" + END,
    "type without a type": b"# TYPE m\nm 1\n" + END,
    "type with two spaces": b"# TYPE  m counter\nm 1\n" + END,
    "type twice": b"# TYPE m counter\n# TYPE m gauge\nm 1\n" + END,
    "help that is no UTF-8": b"# HELP m \xff\nm 1\n" + END,
    "unit that is no suffix": b"# UNIT m seconds\nm 1\n" + END,
    "unit that is a suffix": b"# UNIT m_seconds seconds\nm_seconds 1\n" + END,
    "unit without an underscore": b"# UNIT mseconds seconds\nmseconds 1\n" + END,
    "an unknown keyword": b"# HELPS m a\nm 1\n" + END,
    # Rules of the format that Prometheus does not enforce.
    "counter without total": b"# TYPE m counter\nm 1\n" + END,
    "counter below zero": b"# TYPE m counter\nm_total -1\n" + END,
    "families interleaved": b"# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\na{x=\"1\"} 2\n" + END,
    "the same series twice": b"m 1\nm 2\nn 3\n" + END,
}

# What the earlier version reads the same, so that a few are enough.
BODIES_0 = {about: BODIES[about] for about in ("all types", "end missing", "a malformed line", "a comment")}
