"""A certificate authority and what it signs, made by openssl."""

import dataclasses
import subprocess
from pathlib import Path

from own_namespace import need

DAYS = "2"


@dataclasses.dataclass(frozen=True)
class Identity:
    """What one node shows, and whom it trusts."""

    certificate: Path
    key: Path
    authority: Path

    def flags(self):
        return [
            f"--cluster.tls.cert-file={self.certificate}",
            f"--cluster.tls.key-file={self.key}",
            f"--cluster.tls.ca-file={self.authority}",
        ]


def openssl(*arguments):
    program = need("openssl", "openssl")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


class Authority:
    """Files below `directory`. Two authorities do not trust each other's nodes."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.certificate = self.directory / "ca.pem"
        self._key = self.directory / "ca.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", DAYS,
                "-subj", "/CN=cluster authority", "-addext", "keyUsage=critical,keyCertSign",
                "-keyout", self._key, "-out", self.certificate)  # fmt: skip

    def sign(self, name, address):
        """The identity of a node with this name at this address."""
        certificate = self.directory / f"{name}.pem"
        key = self.directory / f"{name}.key"
        request = self.directory / f"{name}.csr"
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(
            f"subjectAltName=DNS:{name},IP:{address}\nextendedKeyUsage=serverAuth,clientAuth\n", encoding="utf-8"
        )
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request)  # fmt: skip
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                "-days", DAYS, "-extfile", extensions, "-out", certificate)  # fmt: skip
        return Identity(certificate, key, self.certificate)
