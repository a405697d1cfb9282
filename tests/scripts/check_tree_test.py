"""Tests of scripts/check_tree: each rule on a small tree that breaks it, beside one that keeps it."""

import importlib.machinery
import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True


def load():
    loader = importlib.machinery.SourceFileLoader("check_tree", str(ROOT / "scripts/check_tree"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_tree", loader))
    loader.exec_module(module)
    return module


check_tree = load()

CHANGELOG = "# Changelog\n\n## [Unreleased]\n### Added\n- All.\n"
MAP = """
rollcall_library(lib/base DEPENDS fmt::fmt)
rollcall_library(lib/labels DEPENDS lib/base PkgConfig::XXHASH)
rollcall_library(lib/http DEPENDS lib/base)
rollcall_library(config DEPENDS lib/labels)
rollcall_library(messages DEPENDS config CAF::core CAF)
rollcall_library(actors/io DEPENDS messages CAF)
rollcall_library(actors/scrape DEPENDS messages CAF)
"""


class TreeTest(unittest.TestCase):
    def findings(self, files):
        """What is found in a tree of these files, beside a changelog and a dependency map that are in order."""
        with tempfile.TemporaryDirectory() as root:
            for name, text in {"CHANGELOG.md": CHANGELOG, "CMakeLists.txt": MAP, **files}.items():
                path = Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check_tree.findings(root)

    def assert_finds(self, files, name, line, part):
        found = self.findings(files)
        self.assertEqual([(name, line)], [(f[0], f[1]) for f in found], found)
        self.assertIn(part, found[0][2])

    def assert_clean(self, files):
        self.assertEqual([], self.findings(files))


class Includes(TreeTest):
    HEADERS = {
        "lib/base/a.hpp": "#pragma once\n",
        "lib/labels/b.hpp": '#pragma once\n#include "lib/base/a.hpp"\n',
        "lib/http/c.hpp": "#pragma once\n",
        "config/d.hpp": '#pragma once\n#include "lib/labels/b.hpp"\n',
        "messages/act_fwd.hpp": "#pragma once\n#include <caf/fwd.hpp>\n",
        "actors/act.hpp": '#pragma once\n#include <caf/all.hpp>\n#include "messages/act_fwd.hpp"\n',
        "actors/io/e.hpp": '#pragma once\n#include "actors/act.hpp"\n#include "config/d.hpp"\n',
        "actors/io/deep/f.hpp": '#pragma once\n#include "actors/io/e.hpp"\n',
    }

    def including(self, name, directive):
        return {**self.HEADERS, name: directive + "\n"}

    def test_a_tree_that_keeps_the_direction_is_clean(self):
        self.assert_clean(self.HEADERS)

    def test_a_lower_layer_cannot_include_a_higher_one(self):
        for layer, header in [
            ("lib/base", "config/d.hpp"),
            ("lib/base", "actors/io/e.hpp"),
            ("config", "actors/act.hpp"),
            ("config", "messages/act_fwd.hpp"),
            ("messages", "actors/io/e.hpp"),
        ]:
            with self.subTest(layer=layer, header=header):
                name = f"{layer}/x.cpp"
                self.assert_finds(self.including(name, f'#include "{header}"'), name, 1, layer[:3])

    def test_a_folder_includes_only_what_it_declares_even_if_only_a_header(self):
        self.assert_finds(
            self.including("lib/labels/x.cpp", '#include "lib/http/c.hpp"'), "lib/labels/x.cpp", 1, "DEPENDS"
        )

    def test_what_a_dependency_declares_is_declared(self):
        self.assert_clean(self.including("config/x.cpp", '#include "lib/base/a.hpp"'))

    def test_actors_of_one_folder_know_nothing_of_another_folder(self):
        self.assert_finds(
            self.including("actors/scrape/x.cpp", '#include "actors/io/e.hpp"'), "actors/scrape/x.cpp", 1, "DEPENDS"
        )

    def test_caf_is_included_in_its_homes_alone(self):
        for name in ["lib/base/x.cpp", "config/x.cpp", "messages/x.cpp", "actors/io/x.cpp", "app/x.cpp", "tests/x.cpp"]:
            with self.subTest(name=name):
                self.assert_finds(self.including(name, "#include <caf/all.hpp>"), name, 1, "CAF is spelled in")
        self.assert_clean(self.including("tests/support/x.cpp", "#include <caf/all.hpp>"))

    def test_an_include_is_written_from_the_root(self):
        self.assert_finds(self.including("lib/base/x.cpp", '#include "a.hpp"'), "lib/base/x.cpp", 1, "root of the tree")

    def test_the_program_includes_nothing_of_its_tests(self):
        files = self.including("lib/base/x.cpp", '#include "tests/y.hpp"')
        files["tests/y.hpp"] = "#pragma once\n"
        self.assert_finds(files, "lib/base/x.cpp", 1, "no layer")


class CafSpelling(TreeTest):
    def test_a_call_of_cafs_own_is_found_with_its_line(self):
        for call in ["caf::anon_send(a);", 'caf::atom("x");', "caf::replies_to<a>::with<b> x;", "self->request(a);"]:
            with self.subTest(call=call):
                self.assert_finds({"actors/io/x.cpp": f"\n{call}\n"}, "actors/io/x.cpp", 2, "act.hpp")

    def test_a_comment_or_a_text_is_no_call(self):
        self.assert_clean({"actors/io/x.cpp": '// caf::send\nauto x = "caf::send(";\n/* caf::request */\n'})

    def test_lib_names_nothing_of_caf(self):
        self.assert_finds({"lib/base/x.cpp": "caf::actor x;\n"}, "lib/base/x.cpp", 1, "nothing of actors")
        self.assert_clean({"actors/io/x.cpp": "caf::actor x;\n"})


class Lines(TreeTest):
    def test_each_kind_of_file_has_its_bound(self):
        for name, limit in [
            ("messages/x.hpp", 250),
            ("lib/base/x.cpp", 400),
            ("tests/lib/x_test.cpp", 800),
            ("scripts/x.sh", 400),
            ("dev", 400),
        ]:
            start = "#pragma once\n" if name.endswith(".hpp") else "#\n"
            with self.subTest(name=name):
                self.assert_clean({name: start + "\n" * (limit - 1)})
                self.assert_finds({name: start + "\n" * limit}, name, limit + 1, f"at most {limit}")

    def test_columns_are_characters_not_bytes(self):
        self.assert_clean({"lib/base/x.cpp": "//" + "\u00e9" * 118 + "\n"})
        self.assert_finds({"lib/base/x.cpp": "\n//" + "a" * 119 + "\n"}, "lib/base/x.cpp", 2, "121 columns")

    def test_unfinished_work_is_found_as_a_word(self):
        for word in ["TO" "DO", "FIX" "ME", "XX" "X"]:
            with self.subTest(word=word):
                self.assert_finds({"lib/base/x.cpp": f"// {word}: later\n"}, "lib/base/x.cpp", 1, "unfinished")
        self.assert_clean({"lib/base/x.cpp": "int MASTO" "DON, XX" "XL;\n"})

    def test_a_header_has_pragma_once(self):
        self.assert_finds({"lib/base/x.hpp": "// #pragma once\nint x;\n"}, "lib/base/x.hpp", 1, "#pragma once")


class Functions(TreeTest):
    BODY = "  f();\n"

    def test_a_function_of_60_lines_is_the_longest(self):
        for signature in [
            "void g() {\n",
            "template <class T = int>\nvoid g(T x = {}) {\n",
            "namespace a {\nstruct b {\n  int g() const noexcept {\n",
            "bool operator==(const a& x, const a& y) {\n",
        ]:
            opened = signature.count("{\n")
            head = opened - 1  # lines before the function: one per namespace or struct
            extra = signature.count("\n") - head  # lines of the signature itself
            for lines in (60, 61):
                text = signature + self.BODY * (lines - extra - 1) + "}\n" * opened
                with self.subTest(signature=signature, lines=lines):
                    if lines == 60:
                        self.assert_clean({"lib/base/x.cpp": text})
                    else:
                        self.assert_finds({"lib/base/x.cpp": text}, "lib/base/x.cpp", head + 1, "61 lines")

    def test_a_table_or_a_class_is_no_function(self):
        self.assert_clean({"lib/base/x.cpp": "const entry table[] = {\n" + "  {1, f()},\n" * 80 + "};\n"})
        self.assert_clean({"lib/base/x.cpp": "auto table = std::to_array<int>({\n" + "  1,\n" * 80 + "});\n"})
        returned = "cases f() {\n  int a = 1;\n  return {\n" + "      {1, {g(a)}},\n" * 80 + "  };\n}\n"
        self.assert_clean({"lib/base/x.cpp": returned})
        self.assert_clean({"lib/base/x.cpp": "class x : public y<int()> {\n" + "  int a();\n" * 80 + "};\n"})

    def test_braces_in_texts_and_comments_do_not_count(self):
        text = "void g() {\n  // }\n  f(\"}\", '}', R\"(})\");\n" + self.BODY * 60 + "}\n"
        self.assert_finds({"lib/base/x.cpp": text}, "lib/base/x.cpp", 1, "64 lines")

    def test_digit_separators_are_no_quotes(self):
        text = "void g() {\n  int x = 1'000; }\nvoid h() {\n  int y = 2'000;\n" + self.BODY * 60 + "}\n"
        self.assert_finds({"lib/base/x.cpp": text}, "lib/base/x.cpp", 3, "63 lines")

    def test_python_and_shell_functions_have_the_same_bound(self):
        self.assert_finds({"bench/x.py": "\ndef f():\n" + "    f()\n" * 60}, "bench/x.py", 2, "61 lines")
        self.assert_finds({"dev": "#\nf() {\n" + "  f\n" * 60 + "}\n"}, "dev", 2, "62 lines")


class Shape(TreeTest):
    HEADER = '#pragma once\nstruct left_ear_state {\n  static inline const char* name = "left-ear";\n};\n'

    def test_an_actor_is_a_pair_of_one_name(self):
        header, source = "actors/io/left_ear.hpp", "actors/io/left_ear.cpp"
        self.assert_clean({header: self.HEADER, source: ""})
        self.assert_finds({header: self.HEADER}, header, 1, "left_ear.cpp is missing")
        self.assert_finds({header: self.HEADER.replace("-ear", "_ear"), source: ""}, header, 1, 'name = "left-ear"')

    def test_a_header_without_a_state_needs_no_source(self):
        self.assert_clean({"actors/io/kind.hpp": "#pragma once\nstruct kind {};\n"})

    def test_a_fuzzer_stands_in_the_table_and_has_a_first_input(self):
        source = "tests/fuzz/text_fuzz.cpp"
        table = {"tests/fuzz/CMakeLists.txt": "rollcall_fuzzer(text DEPENDS lib/base)\n"}
        corpus = {"tests/fuzz/corpus/text/one": "a 1\n"}
        self.assert_clean({source: "", **table, **corpus})
        self.assert_finds({source: "", **corpus}, source, 1, "rollcall_fuzzer(text")
        self.assert_finds({source: "", **table}, source, 1, "no first inputs")


class Documents(TreeTest):
    def test_a_link_leads_to_a_file_of_the_tree(self):
        good = "[a](CHANGELOG.md#x) [b](https://example.org/x) [c](#here) `[d](nowhere)`\n```\n[e](nowhere)\n```\n"
        self.assert_clean({"README.md": good})
        self.assert_finds({"docs/x.md": "\n[a](CHANGELOG.md)\n"}, "docs/x.md", 2, "leads nowhere")
        self.assert_clean({"docs/x.md": "[a](../CHANGELOG.md)\n"})

    def test_the_changelog_keeps_its_form(self):
        dated = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-02-01\n### Fixed\n\n## [0.1.0] - 2026-01-01\n"
        self.assert_clean({"CHANGELOG.md": dated})
        for broken, line, part in [
            (dated.replace("# Changelog", "# Changes", 1), 1, "first line"),
            (dated.replace(" - 2026-02-01", ""), 5, "release reads"),
            (dated.replace("[Unreleased]", "[Unreleased] - 2026-03-01"), 3, "release reads"),
            (dated.replace("0.1.0", "0.3.0"), 8, "newest first"),
            (dated.replace("### Fixed", "### Repaired"), 6, "parts are"),
            ("# Changelog\n", 1, "no release"),
        ]:
            with self.subTest(part=part, line=line):
                self.assert_finds({"CHANGELOG.md": broken}, "CHANGELOG.md", line, part)

    def test_a_missing_changelog_is_found(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual([("CHANGELOG.md", 1, "missing")], check_tree.findings(root))


class Walk(TreeTest):
    def test_build_trees_and_corpora_are_not_looked_at(self):
        bad = "//" + "a" * 200
        self.assert_clean(
            {
                "build/x.cpp": bad,
                "build-asan/x.cpp": bad,
                ".git/x.cpp": bad,
                "data-agent/x.cpp": bad,
                "tests/fuzz/corpus/text/x.cpp": bad,
            }
        )


if __name__ == "__main__":
    unittest.main()
