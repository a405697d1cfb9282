"""A test that goes on in mounts, a network and processes of its own, or says why it cannot."""

import os
import shutil
import subprocess
import sys

SKIPPED = 77
INSIDE = "ROLLCALL_TEST_NAMESPACE"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def need(program, package):
    """The path of a program; without it the test is skipped."""
    search = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which(program, path=search)
    return found or skip(f"there is no {program}: apt-get install {package}")


def enter_namespace():
    """Goes on with mounts, a network and processes of its own, so that nothing done here outlives the test."""
    if os.environ.get(INSIDE):
        subprocess.run([need("ip", "iproute2"), "link", "set", "lo", "up"], check=True)
        return
    flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags.append("--map-root-user")
    unshare = need("unshare", "util-linux")
    if subprocess.run([unshare, *flags, "true"], capture_output=True, check=False).returncode != 0:
        skip(f"this machine gives no namespaces: unshare {' '.join(flags)}")
    os.environ[INSIDE] = "1"
    os.execv(unshare, [unshare, *flags, sys.executable, "-B", *sys.argv])
