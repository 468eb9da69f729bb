"""Kept results: found again, and never believed when anything about their file is wrong."""

import json
import multiprocessing
import os
import shutil
import time

import pytest
from attrs import frozen

from mflverify.proof.verdict import Logical
from mflverify.verification.cache import FORMAT, KEEP_DAYS, Cache

KEY = {"part": "test", "claim": "ü ≤ 1", "seed": 0}
OTHER = {**KEY, "seed": 1}


@frozen
class Finding:
    verdict: Logical
    margin: float | None
    notes: tuple[str, ...] = ()
    count: int = 0
    sure: bool = False


FOUND = Finding(Logical.PROVED, 0.1, ("ä", "b"), 3, sure=True)


@pytest.fixture
def cache(tmp_path):
    return Cache.open(tmp_path / "kept")


def fetch(cache, key=KEY, found=FOUND):
    """What the cache gives, and whether it was computed."""
    calls = []

    def compute():
        calls.append(1)
        return found

    return cache.fetch(key, Finding, compute), bool(calls)


def written(cache, key=KEY):
    fetch(cache, key)
    return cache.path_of(key)


def test_a_result_is_computed_once(cache):
    assert fetch(cache) == (FOUND, True)
    assert fetch(cache) == (FOUND, False)
    assert Cache.open(cache.folder).recall(KEY, Finding) == FOUND
    assert not cache.damaged
    assert not cache.problem


def test_another_key_is_another_result(cache):
    fetch(cache)
    assert cache.recall(OTHER, Finding) is None
    assert fetch(cache, OTHER) == (FOUND, True)
    assert not cache.damaged


def test_the_order_of_a_key_does_not_matter(cache):
    fetch(cache)
    assert cache.recall(dict(reversed(KEY.items())), Finding) == FOUND


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_the_result(path):
    content = json.loads(path.read_text())
    content["entry"]["result"]["verdict"] = "disproved"
    path.write_text(json.dumps(content))


def change_the_key(path):
    content = json.loads(path.read_text())
    content["entry"]["key"]["seed"] = 5
    path.write_text(json.dumps(content))


def replace_by_a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "last byte missing": lambda path: os.truncate(path, path.stat().st_size - 1),
    "one bit": flip_a_bit,
    "another result": change_the_result,
    "another key": change_the_key,
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "not text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "other JSON": lambda path: path.write_text('{"a": 1}'),
    "a list": lambda path: path.write_text("[]"),
    "null": lambda path: path.write_text("null"),
    "no result": lambda path: path.write_text('{"entry": {}, "sha256": ""}'),
    "deep": lambda path: path.write_text("[" * 100_000),
    "a folder": replace_by_a_folder,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_computed_again(cache, damage):
    damage(written(cache))
    assert cache.recall(KEY, Finding) is None
    assert cache.damaged == {cache.path_of(KEY).name}
    assert fetch(cache) == (FOUND, True)


@pytest.mark.parametrize("damage", [d for n, d in DAMAGES.items() if n != "a folder"])
def test_a_damaged_entry_is_replaced(cache, damage):
    damage(written(cache))
    fetch(cache)
    assert Cache.open(cache.folder).recall(KEY, Finding) == FOUND


def test_a_folder_in_the_way_is_told_and_survived(cache):
    replace_by_a_folder(written(cache))
    assert fetch(cache) == (FOUND, True)
    assert cache.path_of(KEY).name in cache.problem


def test_every_truncation_is_noticed(cache):
    path = written(cache)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert cache.recall(KEY, Finding) is None, length


def test_every_changed_byte_is_noticed(cache):
    path = written(cache)
    whole = path.read_bytes()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 2]) + whole[position + 1 :])
        assert cache.recall(KEY, Finding) is None, position


# Foreign: a whole, undamaged file that does not answer this question.


def test_an_entry_under_the_name_of_another_is_not_believed(cache):
    fetch(cache, OTHER)
    target = cache.path_of(KEY)
    target.parent.mkdir(exist_ok=True)
    shutil.copy(cache.path_of(OTHER), target)
    assert cache.recall(KEY, Finding) is None
    assert cache.damaged == {target.name}


def signed(entry):
    """An entry as the program would write it, its hash correct."""
    from mflverify.verification.cache import _canonical, _sha256

    return _canonical({"entry": entry, "sha256": _sha256(_canonical(entry))})


def resigned(path, change):
    entry = json.loads(path.read_text())["entry"]
    change(entry)
    path.write_text(signed(entry))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.update(format=FORMAT + 1),
        lambda entry: entry["key"].update(engine="another"),
        lambda entry: entry["result"].update(verdict="splendid"),
        lambda entry: entry["result"].update(count="3"),
        lambda entry: entry["result"].update(count=3.0),
        lambda entry: entry["result"].update(margin="0.1"),
        lambda entry: entry["result"].update(sure=1),
        lambda entry: entry["result"].update(notes=[1]),
        lambda entry: entry["result"].update(unknown=1),
        lambda entry: entry["result"].pop("verdict"),
        lambda entry: entry.update(result=None),
    ],
)
def test_an_entry_of_another_version_is_not_believed(cache, change):
    path = written(cache)
    resigned(path, change)
    assert cache.recall(KEY, Finding) is None
    assert cache.damaged == {path.name}
    resigned(written(cache), lambda entry: None)
    assert cache.recall(KEY, Finding) == FOUND  # so the signature alone was not the reason


def test_a_crash_is_not_kept(cache):
    def crash():
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        cache.fetch(KEY, Finding, crash)
    assert fetch(cache) == (FOUND, True)


def test_nothing_is_kept_when_the_program_changed_meanwhile(cache):
    assert cache.fetch(KEY, Finding, lambda: FOUND, still_valid=lambda: False) == FOUND
    assert cache.recall(KEY, Finding) is None
    assert not cache.damaged


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    cache = Cache.open(tmp_path / "file" / "kept")
    assert "file" in cache.problem
    assert fetch(cache) == (FOUND, True)


def test_old_entries_and_unfinished_files_are_dropped(cache):
    path, fresh = written(cache), written(cache, OTHER)
    part = path.with_name("x.1.part")
    part.write_text("half")
    young = path.with_name("y.1.part")
    young.write_text("half")
    ago = time.time() - (KEEP_DAYS + 1) * 86_400
    os.utime(path, (ago, ago))
    os.utime(part, (ago, ago))
    Cache.open(cache.folder)
    assert [p.exists() for p in (path, part, fresh, young)] == [False, False, True, True]


def test_an_entry_in_use_stays_young(cache):
    path = written(cache)
    ago = time.time() - (KEEP_DAYS - 1) * 86_400
    os.utime(path, (ago, ago))
    cache.recall(KEY, Finding)
    assert time.time() - path.stat().st_mtime < 86_400


def test_git_ignores_the_folder(cache):
    assert "*" in (cache.folder / ".gitignore").read_text().splitlines()


def hammer(folder, number, start, answers):
    """Fetch the same forty keys again and again, as a second process does."""
    cache = Cache(folder)
    start.wait()
    for lap in range(5):
        for seed in range(40):
            key = {**KEY, "seed": seed}
            big = Finding(Logical.PROVED, seed / 7, (str(seed) * 5000,))
            if (lap + number + seed) % 7 == 0:
                cache.path_of(key).unlink(missing_ok=True)
            if cache.fetch(key, Finding, lambda big=big: big) != big:
                answers.put(f"wrong answer for {seed}")
    answers.put((sorted(cache.damaged), cache.problem))


def test_processes_that_share_a_folder_do_not_disturb_each_other(cache):
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    workers = [
        context.Process(target=hammer, args=(cache.folder, n, start, answers)) for n in range(2)
    ]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(timeout=60)
    assert found == [([], "")] * 2
    assert not list(cache.folder.rglob("*.part"))
    for seed in range(40):
        assert cache.recall({**KEY, "seed": seed}, Finding).margin == seed / 7


def write_until_killed(folder, started):
    cache = Cache(folder)
    for seed in range(10**9):
        big = Finding(Logical.PROVED, float(seed), ("x" * 200_000,))
        cache.fetch({**KEY, "seed": seed}, Finding, lambda big=big: big)
        started.set()


@pytest.mark.parametrize("delay", [0.0, 0.011, 0.023, 0.05, 0.1])
def test_kill_9_leaves_whole_entries_only(cache, delay):
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    process = context.Process(target=write_until_killed, args=(cache.folder, started))
    process.start()
    assert started.wait(60)
    time.sleep(delay)
    process.kill()
    process.join()
    kept = list(cache.folder.glob("*/*.json"))
    assert kept
    for seed in range(len(kept)):  # no gaps: what was finished before the last one is there
        assert cache.recall({**KEY, "seed": seed}, Finding).margin == seed
    assert not cache.damaged
    assert len(list(cache.folder.glob("*/*.part"))) <= 1
