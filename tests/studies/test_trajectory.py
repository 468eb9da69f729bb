"""Runs take as many modes as they need, and no more when that cannot help."""

from mflverify.studies.model_file import parse_case
from mflverify.studies.trajectory import simulate_case


def _model(potential: float, start: float):
    return parse_case(
        f'name = "steep"\nspace = "torus"\n[[species]]\ntemperature = 0.5\n'
        f"potential = [{{mode = [1], cos = {potential}}}]\n"
        f"start = [{{mode = [1], sin = {start}}}]\n",
        "steep",
        json_format=False,
    )


def test_a_density_cut_off_too_early_gets_more_modes():
    """exp(30 cos x) spans 26 decades; 32 modes leave it slightly negative."""
    case = _model(-30.0, 0.2)
    coarse = simulate_case(case, 1e-3, outputs=1, modes=32)
    assert coarse.run.reason.startswith("the density is negative")
    found = simulate_case(case, 1e-3, outputs=1)
    assert found.modes > 32
    assert found.run.verdict == "resolved"


def test_a_start_that_is_no_density_stays_negative():
    found = simulate_case(_model(0.0, 1.5), 1e-3, outputs=1)
    assert found.modes == 32
    assert found.run.reason.startswith("the density is negative (-5.0e-01 of its mean)")
