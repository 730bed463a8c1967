"""`python -m infra.dev`: run | services | exec COMMAND... | reset [--yes]."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys

from infra.dev.application import WEBHOOK, run
from infra.dev.backing import start_backing, throwaway_services
from infra.dev.folder import StackError, data_folder, locked
from infra.dev.processes import Interrupted, Processes


def main() -> int:
    options = _parser().parse_args()
    try:
        return int(options.act(options) or 0)
    except StackError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.dev", description="Kairan's embedded development stack")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("run", help="everything, until Ctrl-C").set_defaults(act=_run)
    services = commands.add_parser("services", help="the backing servers only; prints how to reach them")
    services.add_argument("--no-fsync", action="store_true", help="faster; a power cut may cost the data")
    services.set_defaults(act=_services)
    execute = commands.add_parser("exec", help="run a command beside fresh backing servers, then remove them")
    execute.add_argument("command", nargs=argparse.REMAINDER)
    execute.set_defaults(act=_exec)
    reset = commands.add_parser("reset", help="remove the data folder")
    reset.add_argument("--yes", action="store_true", help="do not ask")
    reset.set_defaults(act=_reset)
    return parser


def _run(_options: argparse.Namespace) -> None:
    run(data_folder())


def _services(options: argparse.Namespace) -> None:
    folder = data_folder()
    webhook = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}{WEBHOOK}"
    with locked(folder) as lock, Processes(folder / "logs", lock) as processes:
        processes.stop_on_signals()
        try:
            env = start_backing(processes, folder, fsync=not options.no_fsync, webhook_url=webhook)
            for name, value in sorted(env.items()):
                print(f"export {name}={shlex.quote(value)}", flush=True)
            print("# Running; Ctrl-C stops them.", flush=True)
            processes.watch()
        except Interrupted:
            pass


def _exec(options: argparse.Namespace) -> int:
    with throwaway_services() as env:
        return subprocess.call(options.command, env={**os.environ, **env})


def _reset(options: argparse.Namespace) -> None:
    folder = data_folder()
    if not folder.exists():
        return
    with locked(folder):
        if not options.yes and input(f"Remove {folder} with everything in it? [y/N] ").strip().lower() != "y":
            print("Nothing removed.")
            return
        shutil.rmtree(folder)
    print(f"Removed {folder}.")


if __name__ == "__main__":
    sys.exit(main())
