"""http_sd beside Prometheus at a scripted server."""

import sys

import side_by_side
from registries import GroupServer
from side_by_side import SideBySide

SECTION = """
http_sd_configs:
- url: {url}/groups?of=all
  refresh_interval: 300ms
  authorization: {{type: Bearer, credentials: sesame}}
"""


def group(*targets, **labels):
    return {"targets": list(targets), "labels": labels}


class Http(SideBySide):
    mechanism = "http"

    def put(self, index, *targets, **labels):
        self.fake.groups[index : index + 1] = [group(*targets, **labels)]

    def test_changes_and_failures(self):
        server = self.start_fake(GroupServer())
        server.token = "sesame"
        self.put(0, "h1:80", __meta_team="a")
        self.start_both(SECTION.format(url=server.url), "prometheus")
        self.agree("at first")
        self.change("a target comes", lambda: self.put(0, "h1:80", "h2:80", __meta_team="a"))
        self.change("a group comes", lambda: self.put(1, "h3:80", __meta_team="b"))
        self.change("a target is renamed", lambda: self.put(1, "h4:80", __meta_team="b"))
        self.change("a port changes", lambda: self.put(1, "h4:81", __meta_team="b"))
        self.change("a label changes", lambda: self.put(0, "h1:80", "h2:80", __meta_team="c"))
        self.change("a label comes", lambda: self.put(0, "h1:80", "h2:80", __meta_team="c", instance="x"))
        self.change("labels go", lambda: self.put(0, "h1:80", "h2:80"))
        self.change("a target of two groups", lambda: self.put(1, "h4:81", "h1:80", team="b"))
        self.change("groups change places", server.groups.reverse, quiet=True)
        self.change("a group without targets", lambda: self.put(2), quiet=True)
        self.change("a target goes", lambda: self.put(1, "h2:80"))
        self.change("a group goes", lambda: server.groups.pop(0))
        self.change("many come", lambda: [self.put(5, f"m{i}:1", __meta_number=str(i)) for i in range(100)])
        self.restart_server(lambda: self.put(200, "h10:80"))
        self.fail_and_recover("error", lambda: self.put(200, "h11:80"))
        self.fail_and_recover("hang", lambda: self.put(200, "h12:80"))
        self.fail_and_recover("truncated", lambda: server.groups.pop())
        self.fail_and_recover("garbage", lambda: self.put(200, "h13:80"))
        self.revoke_token(lambda: self.put(200, "h14:80"))
        self.change_slowly("a group comes", lambda: self.put(200, "h15:80"))
        self.change_in_a_row(6, lambda i: self.put(200, f"r{i}:80"))
        self.change("all goes", server.groups.clear)
        self.change("and comes again", lambda: self.put(0, "h1:80", __meta_team="a"))
        self.steps.require_all()


if __name__ == "__main__":
    side_by_side.main(sys.argv, "prometheus")
