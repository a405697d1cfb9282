"""The agents under measurement: where they are, and how each is told to do the same work."""
import dataclasses
import pathlib
import shutil
import subprocess

from .scenarios import Scenario

NAMES = ("rollcall", "prometheus", "vmagent")


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """Where an agent finds its work and leaves its files."""

    directory: pathlib.Path
    targets_file: pathlib.Path
    write_url: str
    web_port: int


def find(name: str, build: pathlib.Path) -> str | None:
    """The path of an agent's program; none when it is not installed."""
    if name == "rollcall":
        own = build / "rollcall"
        return str(own) if own.is_file() else None
    return shutil.which(name)


def scrape_config(scenario: Scenario, around: Surroundings) -> str:
    return "\n".join((
        "global:",
        f"  scrape_interval: {milliseconds(scenario.interval)}ms",
        f"  scrape_timeout: {min(10_000, milliseconds(scenario.interval))}ms",
        "scrape_configs:",
        "  - job_name: fleet",
        "    file_sd_configs:",
        f"      - files: ['{around.targets_file}']",
        ""))


def write_config(around: Surroundings) -> str:
    return "\n".join(("remote_write:", f"  - url: '{around.write_url}'", ""))


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def arguments(name: str, program: str, scenario: Scenario, around: Surroundings) -> list[str]:
    """Writes the agent's configuration and returns how to start it.

    All have their defaults: gzip asked for, staleness markers sent, remote write 1.0 with snappy.
    """
    config = around.directory / "prometheus.yml"
    storage = around.directory / "storage"
    storage.mkdir()
    if name == "vmagent":
        config.write_text(scrape_config(scenario, around))
        flags = [
            f"-promscrape.config={config}",
            f"-remoteWrite.url={around.write_url}",
            f"-remoteWrite.tmpDataPath={storage}",
            f"-httpListenAddr=127.0.0.1:{around.web_port}",
        ]
        # Later versions speak a protocol of their own to receivers that know it.
        if has_flag(program, "remoteWrite.forcePromProto"):
            flags.append("-remoteWrite.forcePromProto=true")
        return [program, *flags]
    config.write_text(scrape_config(scenario, around) + write_config(around))
    flags = [
        f"--config.file={config}",
        f"--storage.agent.path={storage}",
        f"--web.listen-address=127.0.0.1:{around.web_port}",
    ]
    if name == "rollcall" and scenario.outage:
        # What the others do anyway: what comes in need not wait until the backlog is delivered.
        flags.append("--storage.agent.queue.order=live-first")
    if name == "prometheus":
        flags.append("--enable-feature=agent" if has_flag(program, "enable-feature") else "--agent")
    return [program, *flags]


def has_flag(program: str, flag: str) -> bool:
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=30, check=False)
    return flag in shown.stdout + shown.stderr
