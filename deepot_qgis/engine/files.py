"""Files that are whole as soon as they have their final name, and sentences for what keeps them from it.

A file is written under a temporary name in its own folder, brought to the disk, and only then renamed; the folder is
brought to the disk after that. So neither a killed process nor a power cut leaves a half-written file under a final
name. What a dead process left behind is removed by the next run that writes the same file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Callable

from .errors import DeepotError, OutputError
from .processes import alive, host

#: Bytes a name may have on the file systems in use.
_LONGEST_NAME = 255
#: A disk with less than this free counts as full when a library only says that writing failed.
_HARDLY_FREE = 1 << 20
#: What `_temporary` makes of a name.
_TEMPORARY = re.compile(r"\.(.+)\.\w+-\d+-[0-9a-f]{6}\.partial(.*)", re.DOTALL)
#: File systems that cannot bring a file or a folder to the disk say one of these; others mean that data is lost.
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
_GONE = (
    errno.ENOENT, errno.ENOTCONN, errno.ESTALE, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOTDIR, errno.ETIMEDOUT,
    errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENETUNREACH,
)  # fmt: skip
#: Codes of Windows: sharing and lock violation; the names, paths and devices of a network that went away.
_LOCKED_ON_WINDOWS, _DENIED_ON_WINDOWS = (32, 33), 5
_GONE_ON_WINDOWS = (3, 21, 51, 53, 55, 59, 64, 65, 67, 121, 1167, 1231)


def refuse_inputs(path: str, inputs: Sequence[str]) -> None:
    """Refuse to write over what is being read."""
    for source in inputs:
        if os.path.abspath(path) == os.path.abspath(source) or (
            os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source)
        ):
            raise OutputError(f"The output {os.path.basename(path)} is one of the inputs; choose another name.")


@contextmanager
def keeping(kept: Callable[[], str]) -> Iterator[None]:
    """Add to the sentence of an error what is finished already and kept.

    Parameters
    ----------
    kept : callable
        Asked when an error passes; a sentence, or nothing.
    """
    try:
        yield
    except DeepotError as error:
        said = kept()
        if not said:
            raise
        raise type(error)(f"{error} {said}") from error


def require_room(path: str, size: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Parameters
    ----------
    path : str
        Of a file that will be written.
    size : int
        Bytes that all outputs in this folder may need.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"The output folder {folder} does not exist; create it, or choose another.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The output folder {folder} cannot be written; choose another.")
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OutputError(
            f"The disk of {folder} has {_text(free)} free and the result may need {_text(size)}; make room, choose "
            "another folder, or a smaller area."
        )


def _text(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """Give a temporary name in the same folder; rename to `path` at the end, remove when anything fails.

    Raises
    ------
    OutputError
        As of `whole_files`.
    """
    with whole_files({"": path}) as temporary:
        yield temporary[""]


@contextmanager
def whole_files(targets: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Several files that belong together: none has its final name before all are whole and on the disk.

    Parameters
    ----------
    targets : mapping
        Final paths by any key, in the order in which they get their names: last the one that vouches for the others.

    Yields
    ------
    dict
        Temporary paths by the same keys, in the folders of the targets. When the body ends the files are there and
        closed; when it fails they are removed.

    Raises
    ------
    OutputError
        A folder is not there, cannot be written, or went away; the disk is full; a target is a folder, or open in
        another program. In the last case what is finished is kept under names that the sentence gives.
    """
    for path in targets.values():
        if os.path.isdir(path):
            raise OutputError(f"The output {path} is a folder; give a file name.")
        require_room(path, 0)
        remove_stale(path)
    temporary = {key: _temporary(path) for key, path in targets.items()}
    try:
        try:
            yield dict(temporary)
        except OSError as error:
            raise OutputError(_about(error, temporary, targets)) from error
        moves = [(temporary[key], path) for key, path in targets.items()]
        for written, path in moves:
            try:
                sync(written)
            except OSError as error:
                raise OutputError(sentence(error, path)) from error
        _give_names(moves)
    finally:
        for path in temporary.values():
            _remove(path)


@contextmanager
def whole_parts(path: str) -> Iterator[str]:
    """As `whole_file` for a format of several files (a shapefile): all get their names when all are whole.

    Yields
    ------
    str
        The name of `path` in a temporary folder beside it; every file that is in that folder at the end is moved
        beside `path`, which itself comes last.
    """
    folder, name = os.path.split(os.path.abspath(path))
    require_room(path, 0)
    remove_stale(path)
    temporary = _temporary(path)
    try:
        try:
            os.mkdir(temporary)
            yield os.path.join(temporary, name)
            moves = [
                (os.path.join(temporary, part), os.path.join(folder, part))
                for part in sorted(os.listdir(temporary), key=lambda part: (part == name, part))
            ]
            for written, _ in moves:
                sync(written)
        except OSError as error:
            raise OutputError(sentence(error, path)) from error
        _give_names(moves)
    finally:
        _remove(temporary)


def sync(path: str) -> None:
    """Bring a file to the disk.

    Raises
    ------
    OSError
        It did not get there: a disk or a quota that is full may show only now.
    """
    with open(path, "rb+") as file:  # Windows flushes only what may be written
        try:
            os.fsync(file.fileno())
        except OSError as error:
            if error.errno not in _CANNOT_SYNC:
                raise


def sync_folder(folder: str) -> None:
    """Bring the names in a folder to the disk; Windows does that by itself, and some network drives cannot."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def remove_stale(path: str) -> list[str]:
    """Remove temporary files that dead processes of this machine left of `path`; returns their names.

    Files of living processes stay, and so do those of other machines that share the folder: nobody here can tell
    whether they live.
    """
    folder = os.path.dirname(os.path.abspath(path))
    removed = [name for name, machine, pid in _temporaries(path) if machine == host() and not alive(pid)]
    for name in removed:
        _delete(os.path.join(folder, name))
    return removed


def others(paths: Iterable[str]) -> list[str]:
    """A sentence about temporary files of other machines beside these files, if there are any."""
    found = sorted(name for path in paths for name, machine, _ in _temporaries(path) if machine != host())
    if not found:
        return []
    return [
        f"A run on another machine writes the same files, or left {', '.join(found)}; remove this if none is running."
    ]


def _temporaries(path: str) -> Iterator[tuple[str, str, int]]:
    """Temporary files of `path`: name, machine and process."""
    folder, name = os.path.split(os.path.abspath(path))
    stem, extension = _parts(name)
    pattern = re.compile(
        rf"\.{re.escape(stem)}\.(\w+)-(\d+)-[0-9a-f]+\.partial{re.escape(extension)}([.-].*)?", re.DOTALL
    )
    for found in os.listdir(folder):
        match = pattern.fullmatch(found)
        if match:
            yield found, match[1], int(match[2])


def sentence(error: OSError, path: str) -> str:
    """What kept a file from being written, and the way out.

    Parameters
    ----------
    error : OSError
    path : str
        Of the file, under its final or its temporary name; the sentence gives the final one.
    """
    folder, name = os.path.split(os.path.abspath(path))
    name = _TEMPORARY.sub(r"\1\2", name)
    if _TEMPORARY.fullmatch(os.path.basename(folder)):
        folder = os.path.dirname(folder)
    number, windows = error.errno, getattr(error, "winerror", None)
    if number == errno.ENOSPC:
        return f"{name} cannot be written because the disk of {folder} is full; make room or choose another folder."
    if number == getattr(errno, "EDQUOT", None):
        return f"{name} cannot be written because your quota in {folder} is used up; make room, or choose another."
    if number == errno.EFBIG:
        return f"{name} is larger than files in {folder} may be; choose another disk, or a smaller area."
    locked = windows == _DENIED_ON_WINDOWS and os.path.exists(path)
    if locked or windows in _LOCKED_ON_WINDOWS or number in (errno.EBUSY, getattr(errno, "ETXTBSY", None)):
        return f"{name} is open in another program; close it there, or choose another name."
    if number == errno.EROFS:
        return f"{name} cannot be written because {folder} can only be read; choose another folder."
    if windows in _GONE_ON_WINDOWS or (number in _GONE and (number != errno.ENOENT or not os.path.isdir(folder))):
        return f"{name} cannot be written because {folder} went away; connect its drive again or choose another folder."
    if number in (errno.EACCES, errno.EPERM):
        return f"{name} cannot be written because {folder} does not allow it (any more); choose another folder."
    return f"{name} cannot be written ({error.strerror or error}); choose another folder."


def stopped(words: str, path: str) -> OutputError:
    """The error for a library that only says in its own words why it cannot write.

    Parameters
    ----------
    words : str
        Of GDAL or another library; the last line is quoted where the place itself does not show what is wrong.
    path : str
        Of the file that was being written.
    """
    said = words.strip().splitlines()[-1] if words.strip() else "no reason given"
    why = reason(words, path)
    return OutputError(why or f"Writing stopped ({said}); the disk may be full: make room or choose another folder.")


def reason(words: str, path: str) -> str | None:
    """Why a file cannot be written, from a library's words and from the place itself; None where neither shows it."""
    folder = os.path.dirname(os.path.abspath(path))
    for number in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EFBIG):
        if os.strerror(number).lower() in words.lower():
            return sentence(OSError(number, ""), path)
    try:
        if not os.path.isdir(folder):
            return sentence(OSError(errno.ENOTCONN, ""), path)
        if shutil.disk_usage(folder).free < _HARDLY_FREE:
            return sentence(OSError(errno.ENOSPC, ""), path)
        if not os.access(folder, os.W_OK):
            return sentence(OSError(errno.EACCES, ""), path)
    except OSError as error:
        return sentence(error, path)
    return None


def _temporary(path: str) -> str:
    folder, name = os.path.split(os.path.abspath(path))
    stem, extension = _parts(name)
    return os.path.join(folder, f".{stem}.{host()}-{os.getpid()}-{secrets.token_hex(3)}.partial{extension}")


def _parts(name: str) -> tuple[str, str]:
    """Stem and ending of a name; a stem that leaves no room for what a temporary name adds becomes a shorter one."""
    stem, extension = os.path.splitext(name)
    room = _LONGEST_NAME - len(os.fsencode(f"...{host()}-4194304-ffffff.partial{extension}.aux.xml"))
    if len(os.fsencode(stem)) > room:
        stem = hashlib.sha256(os.fsencode(stem)).hexdigest()[:32]
    return stem, extension


def _about(error: OSError, temporary: Mapping[str, str], targets: Mapping[str, str]) -> str:
    """What an error in the middle of the work says of the files that were being written."""
    for key, path in temporary.items():
        if error.filename == path:
            return sentence(error, targets[key])
    if error.filename is not None:
        return f"{error.filename} cannot be used ({error.strerror or error}); nothing was written."
    return sentence(error, next(iter(targets.values())))


def _give_names(moves: Sequence[tuple[str, str]]) -> None:
    """Rename whole files; when one cannot be, it and those after it are kept under other names.

    Raises
    ------
    OutputError
        With the names under which they are kept.
    """
    for number, (temporary, path) in enumerate(moves):
        try:
            os.replace(temporary, path)
        except OSError as error:
            kept = [os.path.basename(done) for _, done in moves[:number]]
            kept += filter(None, [_keep(*move) for move in moves[number:]])
            said = f" Finished and kept in the same folder: {', '.join(kept)}." if kept else ""
            raise OutputError(sentence(error, path) + said) from error
        sync_folder(os.path.dirname(path) or os.curdir)


def _keep(temporary: str, path: str) -> str | None:
    """Give a whole file a name that is free beside the one it should have; None when that cannot be done either."""
    stem, extension = os.path.splitext(path)
    for number in range(1, 100):
        free = f"{stem}_new{number if number > 1 else ''}{extension}"
        if os.path.lexists(free):
            continue
        try:
            os.replace(temporary, free)
        except OSError:
            return None
        return os.path.basename(free)
    return None


def _remove(temporary: str) -> None:
    """Remove a temporary file and what libraries put beside it; a folder that went away took them along."""
    folder, name = os.path.split(temporary)
    with suppress(OSError):
        for found in os.listdir(folder):
            if found.startswith(name):
                _delete(os.path.join(folder, found))


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        os.remove(path)
