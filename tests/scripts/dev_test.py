"""Tests of the shell functions behind ./dev, each run in a bash that sources them."""

import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

PRELUDE = """
set -euo pipefail
say() { printf 'dev: %s\\n' "$*" >&2; }
die() { say "$*"; exit 1; }
JOBS=2
source scripts/dev/packages.sh
source scripts/dev/build.sh
source scripts/dev/check.sh
"""


def bash(script, root=ROOT, path=None):
    """Runs a script after the functions are there; ROOT is the tree it works on, path is put before PATH."""
    prelude = f'ROOT="{root}"\nPATH="{path}:$PATH"\n' if path else f'ROOT="{root}"\n'
    return subprocess.run(
        ["bash", "-c", prelude + PRELUDE + script], cwd=ROOT, capture_output=True, text=True, check=False
    )


class Fake:
    """A directory of stand-ins for programs, to go before PATH."""

    def __init__(self, case, **programs):
        directory = tempfile.TemporaryDirectory()
        case.addCleanup(directory.cleanup)
        self.path = Path(directory.name)
        for name, body in programs.items():
            program = self.path / name.replace("_", "-")
            program.write_text("#!/usr/bin/env bash\n" + body, encoding="utf-8")
            program.chmod(0o755)


class Packages(unittest.TestCase):
    def tree(self, text):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        (Path(directory.name) / "scripts").mkdir()
        (Path(directory.name) / "scripts/packages.txt").write_text(text, encoding="utf-8")
        return directory.name

    LIST = "# head\n[build]\ng++   why\n\n[test]\njq  why\n[bench]\nwrk why\njq why\n"

    def test_a_section_lists_its_packages_alone(self):
        done = bash("packages_of test bench", self.tree(self.LIST))
        self.assertEqual("jq\nwrk\n", done.stdout, done.stderr)

    def test_every_line_of_the_list_names_a_package_and_says_why(self):
        sections = 0
        for line in (ROOT / "scripts/packages.txt").read_text(encoding="utf-8").splitlines():
            sections += line.startswith("[")
            if line and line[0] not in "[#":
                self.assertRegex(line, r"^[a-z0-9][a-z0-9.+-]* +\S")
        self.assertEqual(6, sections)

    def test_a_removed_package_is_a_missing_one(self):
        fake = Fake(self, dpkg_query="printf 'ii  g++\\nrc  jq\\nhi  wrk\\n'\n")
        done = bash("packages_missing build test bench", self.tree(self.LIST), fake.path)
        self.assertEqual("jq\n", done.stdout, done.stderr)

    def test_nothing_missing_means_that_apt_is_left_alone(self):
        fake = Fake(self, dpkg_query="printf 'ii  g++\\n'\n", apt_get="echo called; exit 1\n")
        done = bash("install_packages build", self.tree(self.LIST), fake.path)
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)

    def test_what_is_installed_is_said(self):
        fake = Fake(self, dpkg_query="true\n", apt_get='echo "apt: $*" >&2\n', id="echo 0\n")
        done = bash("install_packages test", self.tree(self.LIST), fake.path)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("dev: installing for test: jq\n", done.stderr)
        self.assertRegex(done.stderr, r"apt: .*--no-install-recommends install jq\n")

    def test_a_package_that_apt_does_not_know_is_left_to_apt_to_complain_about(self):
        fake = Fake(self, apt_get="exit 100\n")
        done = bash("refuse_foreign_removals nothing\necho reached", path=fake.path)
        self.assertEqual((0, "reached\n"), (done.returncode, done.stdout), done.stderr)

    def test_boost_makes_way_for_boost_but_not_for_anything_else(self):
        for removed, status in [("libboost-dev", 0), ("libboost-dev libfoo-dev", 1), ("", 0)]:
            lines = "".join(f"echo 'Remv {name} [1.74]'\n" for name in removed.split())
            fake = Fake(self, apt_get=lines or "true\n")
            with self.subTest(removed=removed):
                done = bash("refuse_foreign_removals libboost1.81-dev", path=fake.path)
                self.assertEqual(status, done.returncode, done.stderr)
                self.assertEqual("libfoo-dev" in removed, "would remove" in done.stderr)


class Closing(unittest.TestCase):
    def closing_line(self, output, status):
        fake = Fake(self, ctest=f"cat <<'END'\n{output}\nEND\nexit {status}\n")
        done = bash("run_ctest /tmp", path=fake.path)
        return done.returncode, done.stdout.splitlines()[-1]

    def test_counts_are_the_last_line_alone(self):
        clean, broken = "100% tests passed, 0 tests failed out of 12", "75% tests passed, 3 tests failed out of 12"
        self.assertEqual((0, "12 passed, 0 failed"), self.closing_line(clean, 0))
        self.assertEqual((1, "9 passed, 3 failed"), self.closing_line(broken, 8))

    def test_a_skipped_test_has_not_passed(self):
        output = "1/2 Test #1: a ....***Skipped   0.00 sec\n100% tests passed, 0 tests failed out of 2"
        self.assertEqual((0, "1 passed, 0 failed"), self.closing_line(output, 0))

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual((1, "0 passed, 0 failed"), self.closing_line("No tests were found!!!", 8))

    def test_a_build_that_fails_still_has_a_closing_line(self):
        done = bash("install_packages() { :; }\nbuild_preset() { return 1; }\ncommand_test")
        self.assertEqual((1, "0 passed, 1 failed\n"), (done.returncode, done.stdout), done.stderr)


class Flags(unittest.TestCase):
    def test_a_given_flag_replaces_the_default_in_either_spelling(self):
        for arguments, status in [
            ("--config.file=x", 0),
            ("--log.level=debug --config.file x", 0),
            ("--config.file.other=x", 1),
            ("", 1),
        ]:
            with self.subTest(arguments=arguments):
                self.assertEqual(status, bash(f"given --config.file {arguments}").returncode)

    def test_an_unknown_command_fails_and_shows_the_known_ones(self):
        done = subprocess.run([str(ROOT / "dev"), "fly"], capture_output=True, text=True, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("./dev run", done.stderr)
        self.assertIn("no such command: fly", done.stderr)

    def test_fuzzing_names_the_parsers_it_knows(self):
        done = subprocess.run([str(ROOT / "dev"), "fuzz", "nothing", "1"], capture_output=True, text=True, check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("no such parser: nothing", done.stderr)


if __name__ == "__main__":
    unittest.main()
