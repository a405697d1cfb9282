"""A Docker daemon of a test's own: its own network, socket and directories, nothing of which outlives the test."""

import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import time
from pathlib import Path

import side_by_side
from scripted_server import ScriptedServer

START_SECONDS = 180
STOP_SECONDS = 30
COMMAND_SECONDS = 180
IMAGE = "rollcall-test:1"


class DockerDaemon:
    """dockerd with the vfs driver on a UNIX socket; `docker` runs its client."""

    def __init__(self, directory):
        self.directory = directory / "docker"
        self.directory.mkdir()
        self.socket = self.directory / "docker.sock"
        self.log = self.directory / "dockerd.log"
        self.start()
        self._import_image()

    def start(self):
        """Starts the daemon, with what it had when it was killed."""
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [
                    side_by_side.need("dockerd", "docker.io"),
                    f"--host=unix://{self.socket}",
                    f"--data-root={self.directory}/data",
                    f"--exec-root={self.directory}/exec",
                    f"--pidfile={self.directory}/dockerd.pid",
                    "--storage-driver=vfs",
                    "--iptables=false",
                    "--userland-proxy=false",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._await_start()
        except BaseException:
            self.stop()
            raise

    def _await_start(self):
        deadline = time.monotonic() + START_SECONDS
        while self.run("version", check=False).returncode != 0:
            if self.child.poll() is not None or time.monotonic() > deadline:
                side_by_side.skip(f"dockerd does not start here: {self.log.read_text(errors='replace')[-600:]}")
            time.sleep(0.2)

    def _import_image(self):
        busybox = side_by_side.need("busybox", "busybox-static")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.add(busybox, "bin/busybox")
        command = [side_by_side.need("docker", "docker.io"), "--host", f"unix://{self.socket}", "import", "-", IMAGE]
        subprocess.run(command, input=archive.getvalue(), check=True, capture_output=True, timeout=COMMAND_SECONDS)

    def run(self, *arguments, check=True):
        command = [side_by_side.need("docker", "docker.io"), "--host", f"unix://{self.socket}", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS)
        if check and done.returncode != 0:
            raise RuntimeError(f"docker {' '.join(arguments)}: {done.stderr}")
        return done

    def docker(self, *arguments):
        return self.run(*arguments).stdout.strip()

    def container(self, name, *options):
        """Starts a container that sleeps."""
        return self.docker("run", "--detach", f"--name={name}", *options, IMAGE, "/bin/busybox", "sleep", "600")

    def inspect(self, *arguments):
        return json.loads(self.docker(*arguments))

    def address(self, container, network):
        return self.inspect("inspect", container)[0]["NetworkSettings"]["Networks"][network]["IPAddress"]

    def kill(self):
        """The daemon and its containerd go without a word; the containers run on."""
        pid_file = self.directory / "exec/containerd/containerd.pid"
        self.child.kill()
        self.child.wait()
        os.kill(int(pid_file.read_text(encoding="ascii")), signal.SIGKILL)
        # Nobody waits for an orphan in this namespace, so that it would seem to be alive.
        pid_file.unlink()

    def stop(self):
        """Ends the containers and the daemon, whatever state they are in."""
        if self.child.poll() is None:
            names = self.run("ps", "--all", "--quiet", check=False).stdout.split()
            if names:
                self.run("rm", "--force", *names, check=False)
            self.run("swarm", "leave", "--force", check=False)
            self.child.terminate()
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        for mount in reversed(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()):
            point = mount.split()[1]
            if point.startswith(str(self.directory)):
                subprocess.run(["umount", "--lazy", point], check=False)
        for group in [*Path("/sys/fs/cgroup").glob("docker"), *Path("/sys/fs/cgroup").glob("*/docker")]:
            with contextlib.suppress(OSError):  # not ours, not empty
                group.rmdir()
        shutil.rmtree(self.directory, ignore_errors=True)


class DockerConnection(http.client.HTTPConnection):
    """To a daemon's UNIX socket."""

    def __init__(self, path):
        super().__init__("docker", timeout=COMMAND_SECONDS)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self._path))


class DockerProxy(ScriptedServer):
    """Stands before a daemon and fails on demand, as a daemon itself cannot be made to. Wants a token."""

    def __init__(self, daemon):
        self._socket = daemon.socket
        super().__init__()
        self.token = "sesame"

    def answer(self, request):
        with contextlib.closing(DockerConnection(self._socket)) as daemon:
            daemon.request(request.method, request.target)
            answer = daemon.getresponse()
            return answer.status, {"Content-Type": answer.getheader("Content-Type", "")}, answer.read()


class Troubles:
    """What may be wrong with a daemon, for one job of a pair of agents that asks through a proxy."""

    METRIC = "prometheus_sd_refresh_failures_total"

    def __init__(self, pair, proxy, job):
        self._pair, self._proxy, self._job = pair, proxy, job

    def _found(self, agent):
        return side_by_side.discovered(side_by_side.by_job(self._pair.active(agent)).get(self._job, []))

    def endure(self, trouble, change, begin, end):
        """The job's targets stay as they are while there is trouble, although there is a change."""
        agents = (self._pair.rollcall, self._pair.prometheus)
        before = [self._found(agent) for agent in agents]
        begin()
        change()
        self._pair.await_failures(self.METRIC, 4)
        after = [self._found(agent) for agent in agents]
        if after != before:
            raise AssertionError(f"{trouble}: targets are {after}, they were {before}")
        end()

    def fail(self, fault, change):
        self.endure(fault, change, lambda: self._proxy.set_fault(fault), lambda: self._proxy.set_fault(None))

    def restart(self, change):
        self.endure("restart", change, self._proxy.stop, self._proxy.start)

    def revoke_token(self, change):
        def say(token):
            self._proxy.token = token

        self.endure("revoked token", change, lambda: say("another"), lambda: say("sesame"))


def need_docker():
    """Skips unless there is everything that a daemon needs."""
    for program, package in (("dockerd", "docker.io"), ("docker", "docker.io"), ("busybox", "busybox-static")):
        side_by_side.need(program, package)
    if os.geteuid() != 0:
        side_by_side.skip("a Docker daemon wants root")
