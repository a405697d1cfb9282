"""What the user says, and what is done about it."""
import argparse
import dataclasses
import pathlib
import shutil
import signal
import sys
import tempfile

from . import agents, outage, report
from .backlog import measure_backlog
from .measure import Measurement, measure
from .processes import HarnessError, raise_descriptor_limit
from .scenarios import SCENARIOS, Scenario

BACKLOG = "backlog"
DRAIN_SECONDS_MAX = 600

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Compares agents under the same load.")
    parser.add_argument("scenario", choices=sorted((*SCENARIOS, BACKLOG)))
    parser.add_argument("--agents", default=",".join(agents.NAMES), help="which, separated by commas")
    parser.add_argument("--duration", type=float, help="seconds to measure (default: four intervals)")
    parser.add_argument("--outage", type=float, metavar="SECONDS", help="outage: how long the receiver is away")
    parser.add_argument("--targets", type=int, help="outage: how many (default: 1,000)")
    parser.add_argument("--series", type=int, help="outage: of each target (default: 1,000)")
    parser.add_argument("--megabytes", type=int, default=1024, help="backlog: how much there is (default: 1,024)")
    parser.add_argument("--rounds", type=int, default=1, help="alternating rounds; medians are shown")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where the programs are")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--keep", action="store_true", help="keep configurations, storage and logs")
    arguments = parser.parse_args()
    arguments.agents = arguments.agents.split(",")
    unknown = set(arguments.agents) - set(agents.NAMES)
    if unknown:
        parser.error(f"unknown agents: {', '.join(sorted(unknown))}")
    if arguments.rounds < 1 or (arguments.duration is not None and arguments.duration <= 0):
        parser.error("--rounds and --duration must be above 0")
    return arguments


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def available(names: list[str], build: pathlib.Path) -> dict[str, str]:
    programs = {}
    for name in names:
        program = agents.find(name, build)
        if program is None:
            say(f"{name}: not found, skipped")
        else:
            programs[name] = program
    return programs


def in_directory(name: str, keep: bool, work):
    """What the work gives, in a directory of its own; nothing when it could not be done, which is said."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"rollcall-bench-{name}-"))
    try:
        return work(directory)
    except HarnessError as problem:
        say(f"{name}: {problem}")
        return None
    finally:
        if keep:
            say(f"{name}: files kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def run_outage(arguments: argparse.Namespace, scenario: Scenario, build: pathlib.Path) -> int:
    chosen = {"duration": arguments.outage, "targets": arguments.targets, "series": arguments.series}
    scenario = dataclasses.replace(scenario, **{name: value for name, value in chosen.items() if value is not None})
    results = []
    programs = available(arguments.agents, build)
    for name, program in programs.items():
        say(f"{name}: {scenario.targets} targets x {scenario.series} series @{scenario.interval:g} s, the receiver "
            f"away for {scenario.duration:g} s")
        results.append(in_directory(name, arguments.keep, lambda directory, name=name, program=program:
                                    outage.measure_outage(name, program, scenario, build, directory)))
    measured = [one for one in results if one]
    print(outage.to_json(scenario, measured) if arguments.json else outage.table(measured))
    return 1 if not programs or len(measured) < len(results) else 0


def run_backlog(arguments: argparse.Namespace, build: pathlib.Path) -> int:
    measured = in_directory("rollcall", arguments.keep, lambda directory:
                            measure_backlog(build, directory, arguments.megabytes, DRAIN_SECONDS_MAX))
    if measured is None:
        return 1
    print(measured.to_json() if arguments.json else measured.lines())
    return 0


def run(arguments: argparse.Namespace) -> int:
    build = arguments.build.resolve()
    for needed in ("bench_fleet", "bench_sink", "bench_backlog"):
        if not (build / needed).is_file():
            say(f"{build / needed} is missing: build it first")
            return 2
    raise_descriptor_limit()
    if arguments.scenario == BACKLOG:
        return run_backlog(arguments, build)
    scenario = SCENARIOS[arguments.scenario]
    if scenario.outage:
        return run_outage(arguments, scenario, build)
    return run_load(arguments, scenario, build)


def run_load(arguments: argparse.Namespace, scenario: Scenario, build: pathlib.Path) -> int:
    if arguments.duration is not None:
        scenario = dataclasses.replace(scenario, duration=arguments.duration)
    programs = available(arguments.agents, build)
    rounds: dict[str, list[Measurement]] = {name: [] for name in programs}
    failed = not programs
    for number in range(arguments.rounds):
        for name, program in programs.items():
            say(f"round {number + 1}: {name} under {scenario.name} ({scenario.targets} targets x {scenario.series} "
                f"series @{scenario.interval:g} s), measured for {scenario.duration:g} s")
            measured = in_directory(name, arguments.keep, lambda directory, name=name, program=program:
                                    measure(name, program, scenario, build, directory))
            if measured is None:
                failed = True
            else:
                rounds[name].append(measured)
    results = [report.median_of(measured) for measured in rounds.values() if measured]
    if arguments.json:
        print(report.to_json(scenario, results))
    elif results:
        print(report.table(scenario, results))
        print(report.footnotes(results))
    for one in results:
        if one.faults:
            say(f"{one.agent}: {', '.join(one.faults)}")
            failed = failed or scenario.strict
    return 1 if failed else 0


def main() -> int:
    # An exit unwinds, so the children are stopped too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return run(parsed_arguments())
