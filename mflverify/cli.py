"""The command line; `mflverify --help` lists the commands.

Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import click

from mflverify import __version__
from mflverify.commands.attacking import constants, hunt, mutate
from mflverify.commands.checking import evaluate, explain, recheck, trust, verify, watch
from mflverify.commands.comparing import baseline_group, diff
from mflverify.commands.reading import coverage, list_, report, schema, show
from mflverify.commands.running import rate, simulate, study


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__)
def main() -> None:
    """Check proofs about mean-field Langevin dynamics, step by step.

    Every step is one expression that is printed, proved and evaluated on random and adversarial
    instances.  A step carries two findings: the logical one (proved, fact, lemma, open, disproved)
    and the empirical one (exact, certified, sampled, refuted, undecided).

    \b
    Typical use, in the folder that holds `proofs`:
      mflverify list               what there is; `list facts`: the facts
      mflverify show thm-4.1       a proof with its formulas
      mflverify verify             check everything, write reports/
      mflverify verify thm-4.1     check one statement and what it uses
      pytest proofs/               the same steps as tests
      mflverify report             write the reports of the last run again
      mflverify watch              check again on every save
      mflverify mutate thm-4.1     make every small mistake; see what notices
      mflverify constants          how sharp each constant is
      mflverify hunt thm-4.1       hunt counterexamples, as long as you like
      mflverify explain thm-4.1/error-x   why a step holds, down to facts
      mflverify trust              the facts that each statement rests on
      mflverify recheck reports/ledger.json   replay all proofs, no solver
      mflverify diff               what changed since the recorded baseline
      mflverify baseline update    accept what changed
    """


for _command in (
    verify,
    report,
    schema,
    show,
    list_,
    coverage,
    evaluate,
    diff,
    baseline_group,
    mutate,
    constants,
    hunt,
    watch,
    explain,
    trust,
    recheck,
    simulate,
    rate,
    study,
):
    main.add_command(_command)
