"""Tests of scripts/tidy: what it takes to be changed, and what it tells clang-tidy."""

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True


def load():
    loader = importlib.machinery.SourceFileLoader("tidy", str(ROOT / "scripts/tidy"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
    loader.exec_module(module)
    return module


class Repository(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name).resolve()
        self.tidy = load()
        self.tidy.ROOT = self.root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "-C", str(self.root), *identity, *arguments], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self, name, text):
        self.write(name, text)
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", name)
        return self.git("rev-parse", "HEAD")

    def test_a_branch_is_compared_with_its_fork_from_main(self):
        fork = self.commit("lib/a.cpp", "1")
        self.git("checkout", "--quiet", "-b", "topic")
        self.commit("lib/b.cpp", "1")
        self.commit("lib/c.cpp", "1")
        self.assertEqual(fork, self.tidy.base_commit(None))
        self.assertEqual({"lib/b.cpp", "lib/c.cpp"}, self.tidy.changed_files(fork))

    def test_main_itself_is_compared_with_the_commit_before(self):
        first = self.commit("lib/a.cpp", "1")
        self.commit("lib/b.cpp", "1")
        self.assertEqual(first, self.tidy.base_commit(None))

    def test_without_a_history_there_is_no_base(self):
        self.assertIsNone(self.tidy.base_commit(None))
        self.commit("lib/a.cpp", "1")
        self.assertIsNone(self.tidy.base_commit(None))

    def test_a_base_that_does_not_exist_is_an_error(self):
        self.commit("lib/a.cpp", "1")
        with self.assertRaises(SystemExit):
            self.tidy.base_commit("nowhere")

    def test_what_is_not_committed_counts_and_what_is_deleted_or_elsewhere_does_not(self):
        self.commit("lib/a.cpp", "1")
        self.commit("lib/gone.cpp", "1")
        base = self.commit("lib/b.cpp", "1")
        self.write("lib/a.cpp", "2")
        self.write("lib/new.cpp", "1")
        self.write("docs/new.md", "1")
        (self.root / "lib/gone.cpp").unlink()
        self.assertEqual({"lib/a.cpp", "lib/new.cpp"}, self.tidy.changed_files(base))

    def test_a_header_is_seen_through_its_source_or_one_that_includes_it(self):
        known = {}
        for name, text in [
            ("lib/own.cpp", '#include "lib/own.hpp"\n'),
            ("lib/x.cpp", '#include "lib/plain.hpp"\n'),
            ("lib/y.cpp", '#include "lib/plain.hpp"\n'),
        ]:
            self.write(name, text)
            known[name] = self.root / name
        for changed, expected in [
            ({"lib/own.hpp"}, ["lib/own.cpp"]),
            ({"lib/plain.hpp"}, ["lib/x.cpp"]),
            ({"lib/plain.hpp", "lib/y.cpp"}, ["lib/y.cpp"]),
            ({"lib/nobody.hpp", "lib/unbuilt.cpp"}, []),
        ]:
            with self.subTest(changed=changed):
                self.assertEqual(expected, self.tidy.sources_to_check(changed, known))

    def test_the_database_has_our_sources_with_flags_that_clang_knows(self):
        self.write("lib/a.cpp", "")
        build = self.root / "build"
        entries = [
            {"directory": str(build), "file": str(self.root / name), "command": f"env X=1 ccache /usr/bin/c++ {flags}"}
            for name, flags in [
                ("lib/a.cpp", "-DA=\\\"1\\\" -fpch-preprocess -Winvalid-pch -Werror -O2 -c a.cpp"),
                ("build/generated.cpp", "-c generated.cpp"),
                ("lib/gone.cpp", "-c gone.cpp"),
            ]
        ]
        self.write("build/compile_commands.json", json.dumps(entries))
        self.write("build/generated.cpp", "")
        known = self.tidy.write_database(build, build / "tidy")
        self.assertEqual(["lib/a.cpp"], list(known))
        written = json.loads((build / "tidy/compile_commands.json").read_text(encoding="utf-8"))
        self.assertEqual([["/usr/bin/c++", '-DA="1"', "-O2", "-c", "a.cpp"]], [e["arguments"] for e in written])


if __name__ == "__main__":
    unittest.main()
