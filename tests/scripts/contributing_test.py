"""The example in CONTRIBUTING.md is code: it compiles against this tree."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-DCAF_ENABLE_TYPE_ID_CHECKS"]


class Example(unittest.TestCase):
    def test_every_source_of_the_example_compiles(self):
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        blocks = re.findall(r"^```cpp\n// (\S+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        with tempfile.TemporaryDirectory() as directory:
            for name, code in blocks:
                path = Path(directory) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(code, encoding="utf-8")
            sources = [name for name, _ in blocks if name.endswith(".cpp")]
            self.assertGreaterEqual(len(sources), 2, "the example has a source and a test")
            compiler = [os.environ.get("CXX", "g++"), *FLAGS, f"-I{directory}", f"-I{ROOT}"]
            for source in sources:
                with self.subTest(source=source):
                    done = subprocess.run([*compiler, source], cwd=directory, capture_output=True, text=True)
                    self.assertEqual(0, done.returncode, done.stderr)


if __name__ == "__main__":
    unittest.main()
