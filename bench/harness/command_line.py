"""What the user says, and what is done about it."""
import argparse
import dataclasses
import pathlib
import shutil
import signal
import sys
import tempfile

from . import agents, report
from .measure import Measurement, measure
from .processes import HarnessError, raise_descriptor_limit
from .scenarios import SCENARIOS, Scenario

ROOT = pathlib.Path(__file__).resolve().parents[2]


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description="Compares agents under the same load.")
    parser.add_argument("scenario", choices=sorted(SCENARIOS))
    parser.add_argument("--agents", default=",".join(agents.NAMES), help="which, separated by commas")
    parser.add_argument("--duration", type=float, help="seconds to measure (default: four intervals)")
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


def one_round(name: str, program: str, scenario: Scenario, build: pathlib.Path, keep: bool) -> Measurement | None:
    directory = pathlib.Path(tempfile.mkdtemp(prefix=f"rollcall-bench-{name}-"))
    try:
        return measure(name, program, scenario, build, directory)
    except HarnessError as problem:
        say(f"{name}: {problem}")
        return None
    finally:
        if keep:
            say(f"{name}: files kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def run(arguments: argparse.Namespace) -> int:
    scenario = SCENARIOS[arguments.scenario]
    if arguments.duration is not None:
        scenario = dataclasses.replace(scenario, duration=arguments.duration)
    build = arguments.build.resolve()
    for needed in ("bench_fleet", "bench_sink"):
        if not (build / needed).is_file():
            say(f"{build / needed} is missing: build it first")
            return 2
    raise_descriptor_limit()
    programs = available(arguments.agents, build)
    rounds: dict[str, list[Measurement]] = {name: [] for name in programs}
    failed = not programs
    for number in range(arguments.rounds):
        for name, program in programs.items():
            say(f"round {number + 1}: {name} under {scenario.name} ({scenario.targets} targets x {scenario.series} "
                f"series @{scenario.interval:g} s), measured for {scenario.duration:g} s")
            measured = one_round(name, program, scenario, build, arguments.keep)
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
