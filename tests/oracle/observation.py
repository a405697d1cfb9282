"""What was observed of one side: its series with their samples and exemplars, what was present at each probe, and its
targets."""

import dataclasses
import re

EVERYTHING = '{__name__=~".+"}'
WINDOW = "5m"  # longer than any run

# Target labels that came after Prometheus 2.42.
LATER_DISCOVERED_LABELS = {
    "__always_scrape_classic_histograms__",
    "__convert_classic_histograms_to_nhcb__",
    "__scrape_native_histograms__",
}

# Errors are compared by class where each side has its own words; anything else must be equal to the letter.
ERROR_CLASSES = [
    ("the body is not protobuf", r"metric family |proto(bufparse)?: |invalid (metric|label) (name|value): "),
    ("the body is not protobuf", r'invalid help for metric "|unknown metric type'),
    ("the body is not text format", r"line \d+: "),
    ("the body is not text format", r"expected .*, got |strconv\.Parse(Float|Int): |unsupported character in float$"),
    ("the body is not text format", r'"INVALID" (".+" )?is not a valid start token$|invalid metric type "'),
    ("the body is not text format", r"invalid UTF-8 label value$|help text is not a valid utf8 string$"),
    ("the body is not text format", r"(data does not end with|unexpected data after) # EOF$|expected text in TYPE$"),
    ("the body is not text format", r'invalid (exemplar )?timestamp$|unit not a suffix of metric "'),
    ("the body ended early", r'(Get "[^"]*": )?unexpected EOF$|gzip: '),
    ("out of time", r'Get "[^"]*": context deadline exceeded'),
    ("no TLS", r'Get "[^"]*": tls: '),
]


def series_key(labels):
    return tuple(sorted(labels.items()))


def show(key):
    labels = dict(key)
    name = labels.pop("__name__", "")
    return name + "{" + ", ".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def error_class(error):
    for name, pattern in ERROR_CLASSES:
        if re.match(pattern, error):
            return name
    return error


def runs(values):
    """The values in their order, repetitions left out: two sides scrape the same phase a different number of times."""
    kept = []
    for value in values:
        if not kept or kept[-1] != value:
            kept.append(value)
    return kept


def exemplars_of(store, start, end):
    """Series -> [(labels, value as text, seconds)] of the exemplars that a Prometheus has between two times."""
    return {
        series_key(row["seriesLabels"]): [
            (series_key(each["labels"]), each["value"], each["timestamp"]) for each in row["exemplars"]
        ]
        for row in store.api("query_exemplars", query=EVERYTHING, start=start, end=end)
    }


@dataclasses.dataclass
class Observation:
    """`samples`: series -> [(seconds, value as text)], without stale markers. `probes`: the series present at each.
    `exemplars`: as exemplars_of() gives them."""

    samples: dict
    probes: list
    targets: list
    exemplars: dict

    @staticmethod
    def of(store, times, targets):
        """Asks a Prometheus for the whole run, and for what an instant query saw at each of the times."""
        answer = store.api("query", query=f"{EVERYTHING}[{WINDOW}]", time=times[-1])
        samples = {series_key(row["metric"]): [tuple(at) for at in row["values"]] for row in answer["result"]}
        probes = []
        for time in times:
            answer = store.api("query", query=EVERYTHING, time=time)
            probes.append({series_key(row["metric"]) for row in answer["result"]})
        return Observation(samples, probes, targets, exemplars_of(store, times[0] - 60, times[-1] + 60))

    def values(self, key):
        return [value for _, value in self.samples[key]]


def has_been_scraped_since(store, time):
    """Whether every target that is not gone has a sample as late as that."""
    answer = store.api("query", query=f"count(timestamp(up) < {time})")
    return not answer["result"]


def milliseconds(duration):
    """Of a duration as Prometheus writes it: 1m30s, 1500ms."""
    units = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    parts = re.findall(r"(\d+)(ms|[smh])", duration)
    if "".join(number + unit for number, unit in parts) != duration or not parts:
        raise AssertionError(f"no duration: {duration}")
    return sum(int(number) * units[unit] for number, unit in parts)


def active_targets(answer):
    """The active targets of /api/v1/targets without what depends on time, by identity."""
    targets = {}
    for target in answer["activeTargets"]:
        kept = {
            name: target[name]
            for name in ("labels", "scrapePool", "scrapeUrl", "globalUrl", "health")
        }
        kept["scrapeInterval"] = milliseconds(target["scrapeInterval"])
        kept["scrapeTimeout"] = milliseconds(target["scrapeTimeout"])
        kept["lastError"] = error_class(target["lastError"])
        kept["discoveredLabels"] = known_labels(target["discoveredLabels"])
        identity = (target["scrapePool"], target["scrapeUrl"], series_key(target["labels"]))
        if identity in targets:
            raise AssertionError(f"twice among the active targets: {identity}")
        targets[identity] = kept
    return targets


def known_labels(labels):
    return {name: value for name, value in labels.items() if name not in LATER_DISCOVERED_LABELS}


def dropped_targets(answer, is_wanted):
    wanted = filter(is_wanted, answer["droppedTargets"])
    return sorted(series_key(known_labels(row["discoveredLabels"])) for row in wanted)
