"""A ZooKeeper server of a test's own, and a client that changes its znodes."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from side_by_side import need, skip, wait_until

SCRIPTS = Path("/usr/share/zookeeper/bin")
START_SECONDS = 120
STOP_SECONDS = 30


def need_zookeeper():
    need("java", "zookeeperd")
    if not (SCRIPTS / "zkServer.sh").exists():
        skip("there is no ZooKeeper: apt-get install zookeeperd")


class ZooKeeper:
    """One server on port 2181 of this network, with the data it had before when it is started again."""

    def __init__(self, directory):
        self.directory = directory / "zookeeper"
        self.directory.mkdir()
        self.config = self.directory / "zoo.cfg"
        self.config.write_text(
            f"tickTime=1000\ndataDir={self.directory}/data\nclientPort=2181\nclientPortAddress=127.0.0.1\n"
            "admin.enableServer=false\n",
            encoding="utf-8",
        )
        (self.directory / "log").mkdir()
        self.child = self.shell = None
        self.start()

    def _environment(self):
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ZOO_LOG_DIR": str(self.directory / "log"),
            "ZOO_LOG4J_PROP": "ERROR,CONSOLE",
            "JVMFLAGS": "-Xmx128m",
        }

    def _run(self, script, *arguments, **streams):
        return subprocess.Popen(
            ["bash", str(SCRIPTS / script), *arguments],
            env=self._environment(),
            cwd=self.directory,
            text=True,
            **streams,
        )

    def start(self):
        with (self.directory / "server.log").open("ab") as log:
            self.child = self._run("zkServer.sh", "start-foreground", str(self.config), stdout=log, stderr=log)
        wait_until(self._is_listening, "ZooKeeper listens", START_SECONDS)
        self.shell = self._run(
            "zkCli.sh",
            "-waitforconnection",
            "-server",
            "127.0.0.1:2181",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.do("ls /")

    @staticmethod
    def _is_listening():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", 2181)) == 0

    def do(self, command):
        """Has the client carry out a command, and waits until it has."""
        mark = f"/absent-{time.monotonic_ns()}"
        self.shell.stdin.write(f"{command}\nget {mark}\n")
        self.shell.stdin.flush()
        for line in self.shell.stdout:
            if mark in line:
                return
        raise RuntimeError(f"ZooKeeper did not carry out: {command}")

    @contextlib.contextmanager
    def frozen(self):
        """It keeps its connections and says nothing."""
        self.child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.child.send_signal(signal.SIGCONT)

    def halt(self):
        """The server goes, its data stays."""
        for child in (self.shell, self.child):
            if child and child.poll() is None:
                child.terminate()
                try:
                    child.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        if self.shell:
            self.shell.stdin.close()
            self.shell.stdout.close()
        self.child = self.shell = None

    def stop(self):
        self.halt()
        shutil.rmtree(self.directory, ignore_errors=True)
