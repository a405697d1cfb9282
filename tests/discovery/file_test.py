"""file_sd beside Prometheus on the same files."""

import contextlib
import json
import sys

import side_by_side
from rollcall_process import wait_until
from side_by_side import SideBySide, addresses

SECTION = """
file_sd_configs:
- files: ['{directory}/targets/*.json', '{directory}/targets/*.yml']
  refresh_interval: 500ms
"""


class Files:
    """Files that tell targets; `there` is what each says to whoever can read it."""

    def __init__(self, directory):
        self.directory = directory
        self.there = {}
        directory.mkdir()

    def changing(self):
        return contextlib.nullcontext(self)

    def close(self):
        pass

    def write_text(self, name, text):
        """Replaces a file in one step."""
        scratch = self.directory / f"{name}.new"
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(self.directory / name)

    def write(self, name, *groups):
        """Groups are (targets, labels); every other file than a `.json` is YAML, of which JSON is a part."""
        listed = [{"targets": targets, "labels": labels} for targets, labels in groups]
        self.there[name] = [target for targets, _ in groups for target in targets]
        self.write_text(name, json.dumps(listed))

    def remove(self, name):
        del self.there[name]
        (self.directory / name).unlink()

    def rename(self, name, to):
        self.there[to] = self.there.pop(name)
        (self.directory / name).rename(self.directory / to)

    def addresses(self):
        return sorted(target for targets in self.there.values() for target in targets)


class File(SideBySide):
    def failures(self):
        return self.daemon.metric("prometheus_sd_file_read_errors_total")

    def spoil(self, what, text, change):
        """A file that cannot be understood keeps its targets, while another changes; then it is well again."""
        files = self.fake
        before = files.there["a.json"]
        failures = self.failures()
        files.write_text("a.json", text)
        wait_until(lambda: self.failures() > failures, f"{what} is noticed")
        self.change(f"{what} in one file, and another changes", change)
        files.write("a.json", (before, {"__meta_after": what}))
        self.agree(f"after {what}")

    def test_changes_and_failures(self):
        files = self.start_fake(Files(self.directory / "targets"))
        files.write("a.json", (["h1:80"], {"__meta_team": "a"}))
        self.start_both(SECTION.format(directory=self.directory), "prometheus")
        self.agree("at first")
        self.change("a target comes", lambda: files.write("a.json", (["h1:80", "h2:80"], {"__meta_team": "a"})))
        self.change("a label changes", lambda: files.write("a.json", (["h1:80", "h2:80"], {"__meta_team": "b"})))
        self.change("a label goes", lambda: files.write("a.json", (["h1:80", "h2:80"], {})))
        self.change("a target goes", lambda: files.write("a.json", (["h1:80"], {})))
        self.change("a target is renamed", lambda: files.write("a.json", (["h3:80"], {})))
        self.change("a group comes", lambda: files.write("a.json", (["h3:80"], {}), (["h4:80"], {"__meta_x": "y"})))
        self.change("a file comes", lambda: files.write("b.json", (["h5:80"], {})))
        self.change("a YAML file comes", lambda: files.write("c.yml", (["h6:80"], {"instance": "six"})))
        self.change("a file is renamed", lambda: files.rename("b.json", "d.json"))
        self.change("a file tells what another does", lambda: files.write("d.json", (["h3:80"], {"from": "d"})))
        self.change("a file has no groups", lambda: files.write("d.json"))
        self.change("it has one again", lambda: files.write("d.json", (["h5:80"], {})))
        self.change("a file goes", lambda: files.remove("d.json"))
        self.spoil("truncated JSON", '[{"targets": ["h', lambda: files.write("c.yml", (["h7:80"], {})))
        self.spoil("garbage", "<!doctype html>", lambda: files.write("c.yml", (["h8:80"], {})))
        self.spoil("emptiness", "", lambda: files.write("c.yml", (["h9:80"], {})))
        self.write_slowly()
        self.restart_directory()
        self.change("many come", lambda: [files.write(f"m{i}.json", ([f"m{i}:1"], {})) for i in range(50)])
        self.change("many go", lambda: [files.remove(f"m{i}.json") for i in range(49)])
        self.change_in_a_row(6, lambda i: files.write("a.json", ([f"r{i}:80"], {})))
        self.change("all goes", lambda: [files.remove(name) for name in list(files.there)])
        self.change("and comes again", lambda: files.write("a.json", (["h1:80"], {"__meta_team": "a"})))
        self.steps.require_all()

    def write_slowly(self):
        """A file in place, piece by piece: what it said before holds until it is whole."""
        files = self.fake
        before = addresses(self.ours())
        failures = self.failures()
        text = json.dumps([{"targets": ["h10:80"], "labels": {}}])
        with (files.directory / "a.json").open("w", encoding="utf-8") as out:
            for end in range(20, len(text), 20):
                out.write(text[end - 20 : end])
                out.flush()
                wait_until(lambda: self.failures() > failures, "half a file is noticed")
                self.assertEqual(addresses(self.ours()), before)
            out.write(text[end:])
        files.there["a.json"] = ["h10:80"]
        self.agree("a file is written slowly")

    def restart_directory(self):
        """The directory goes, and another comes in its place."""
        files = self.fake
        aside = files.directory.with_name("aside")
        there = dict(files.there)
        files.directory.rename(aside)
        files.there.clear()
        self.agree("the directory goes")
        aside.rename(files.directory)
        files.there.update(there)
        self.agree("the directory is back")
        self.change("a file in it changes", lambda: files.write("a.json", (["h11:80"], {})))


if __name__ == "__main__":
    side_by_side.main(sys.argv, "prometheus")
