"""Tables with their parameters inside; campaigns that go on where they were."""

import pytest

from mflverify.studies.storage import Campaign, read_table, write_table


def test_tables_keep_rows_and_parameters(tmp_path):
    rows = [{"a": 1, "b": 0.1}, {"a": 2, "b": float("nan")}]
    write_table(tmp_path / "t.parquet", rows, {"seed": 3})
    found, parameters = read_table(tmp_path / "t.parquet")
    assert found[0] == rows[0]
    assert found[1]["b"] != found[1]["b"]
    assert parameters["seed"] == 3
    assert "version" in parameters


def test_the_same_table_has_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_table(tmp_path / name, [{"a": 1.5}], {"seed": 0})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("no")
    with pytest.raises(ValueError, match=r"x\.parquet: not a Parquet file"):
        read_table(path)


class _Interrupt(Exception):
    pass


def test_an_interrupted_campaign_goes_on(tmp_path):
    ran = []

    def task(number):
        if number == 2 and len(ran) == 2:
            raise _Interrupt
        ran.append(number)
        return [{"number": number, "square": number**2}]

    campaign = Campaign("squares", tmp_path, 4, {"seed": 1}, task)
    with pytest.raises(_Interrupt):
        campaign.run()
    assert campaign.finished() == [0, 1]
    ran.append(-1)
    seen = []
    rows = campaign.run(seen.append)
    assert ran == [0, 1, -1, 2, 3]
    assert seen == [2, 2, 3, 4]
    assert [row["square"] for row in rows] == [0, 1, 4, 9]
    assert read_table(campaign.table)[0] == rows


def test_other_parameters_start_anew(tmp_path):
    ran = []

    def task(number):
        ran.append(number)
        return [{"n": number}]

    Campaign("c", tmp_path, 1, {"seed": 1}, task).run()
    Campaign("c", tmp_path, 1, {"seed": 2}, task).run()
    Campaign("c", tmp_path, 2, {"seed": 1}, task).run()
    assert ran == [0, 0, 1]
