"""Making what a row needs: environments of pinned libraries, and programs."""

import hashlib
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from ..process.child import with_leash
from .row import HERE, Environment, Row

# Where pyenv keeps its interpreters.
_PYENV = Path("~/.pyenv/versions").expanduser()
_LAST_LINES = 3
_BRIDGES = HERE / "bridges"


class NotMade(Exception):
    """What a row needs is not there, or could not be made; the message says why."""


def interpreter(environment: Environment, folder: Path) -> Path:
    """Return the Python of an environment, which is made if its requirements are new.

    Args:
        environment: what is installed.
        folder: of all that the survey makes.

    Raises:
        NotMade: there is no such Python, or pip failed.
    """
    place = folder / "environments" / environment.name
    python = place / "bin" / "python"
    made = place / "made"
    wanted = environment.requirements.read_bytes() + repr(environment).encode()
    digest = hashlib.sha256(wanted).hexdigest()
    if made.exists() and made.read_text() == digest:
        return python
    # A half-made one, or one of other requirements.
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    run([str(_python(environment.python)), "-m", "venv", str(place)], folder)
    pip = [str(python), "-m", "pip", "install", "--no-cache-dir", "--quiet", *environment.options]
    run([*pip, "-r", str(environment.requirements)], folder)
    made.write_text(digest)
    return python


def _python(version: str) -> Path:
    """Return an interpreter of a version, such as 3.8."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    # First, because a shim of pyenv on the PATH may lead nowhere.
    for place in sorted(_PYENV.glob(f"{version}.*/bin/python")):
        return place
    if found := shutil.which(f"python{version}"):
        return Path(found)
    raise NotMade(f"needs python{version}, which is not on the PATH")


def ours(folder: Path) -> Path:
    """Return a folder with links to our two packages and the vectors, and nothing else.

    The folder that they are in may hold other libraries, which must not come before those of an
    environment.
    """
    links = folder / "ours"
    links.mkdir(parents=True, exist_ok=True)
    for name in (HERE.parent.name, "adamref", "vectors"):
        target = HERE.parents[1] / name
        link = links / name
        if target.exists() and not link.exists():
            link.symlink_to(target, target_is_directory=True)
    return links


def check_needs(row: Row) -> None:
    """Raise NotMade if a program that a row needs is not on the PATH."""
    for need in row.needs:
        if shutil.which(need) is None:
            raise NotMade(f"needs {need}, which is not on the PATH")


def program(row: Row, python: Path | None, folder: Path) -> str:
    """Return the command of a row, after its program has been built.

    Raises:
        NotMade: the repository is not there, or a command failed.
    """
    build = folder / "build" / row.name
    build.mkdir(parents=True, exist_ok=True)
    places = {"bridges": _BRIDGES, "build": build, "source": folder / "sources" / row.name}
    if row.repository and not places["source"].is_dir():
        commit = row.commit
        raise NotMade(f"needs {row.repository} at {commit} in {places['source']}")
    if python is not None:
        places["python"] = python
        places["torch"] = python.parents[1] / "lib" / _library(python) / "site-packages" / "torch"
    words = {name: str(place.absolute()) for name, place in places.items()}
    for line in row.build:
        run([word.format(**words) for word in shlex.split(line)], build)
    return row.command.format(**words)


def _library(python: Path) -> str:
    """Return the name of an environment's folder of libraries, such as python3.11."""
    return next((python.parents[1] / "lib").glob("python3*")).name


def run(command: list[str], folder: Path) -> str:
    """Run a command, and return what it wrote to stdout.

    Raises:
        NotMade: it failed; with the last lines that it wrote.
    """
    # A killed run must leave nothing behind that still writes where the next run begins again.
    leashed = with_leash(command)
    done = subprocess.run(leashed, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        written = (done.stderr or done.stdout).strip().splitlines()
        last = " / ".join(written[-_LAST_LINES:])
        raise NotMade(f"{shlex.join(command)} ended with status {done.returncode}: {last}")
    return done.stdout
