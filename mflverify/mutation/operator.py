"""What a mutation operator is: a small change of a relation, paired with a harmless one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from attrs import frozen

from mflverify.expr.printing import to_unicode
from mflverify.expr.terms import Node, Relation, Term
from mflverify.mutation.places import places, put_in


@frozen
class Change:
    """A changed relation, and the change in words."""

    relation: Relation
    words: str


class Operator(ABC):
    """One kind of mistake.

    kind: its name in tables.  mistake: one line.  A subclass says how one term is mistaken
    (`mistakes`), or overrides `changes` when the mistake is not in one term.
    """

    kind: ClassVar[str]
    mistake: ClassVar[str]

    def mistakes(self, term: Term, parent: Node) -> Iterator[Term]:
        """What may stand in place of `term` by this mistake; `parent` is the node around it."""
        yield from ()

    def changes(self, relation: Relation) -> Iterator[Change]:
        """All changes of this kind, in the order of the places where they are made."""
        around = dict(places(relation))
        for place, node in around.items():
            if not place or not isinstance(node, Term):
                continue
            for new in self.mistakes(node, around[place[:-1]]):
                changed = put_in(relation, place, new)
                if changed is not None and changed != relation:
                    yield Change(changed, f"{_shown(node)} → {_shown(new)}")

    @abstractmethod
    def neighbour(self, relation: Relation) -> Relation | None:
        """The relation written in another way that looks like this mistake and is none.

        None when this relation offers no place for it.
        """


def _shown(term: Term) -> str:
    """A term on one line for readers; a flow's equations by name only."""
    return " ".join(to_unicode(term).split())


__all__ = ["Change", "Operator"]
