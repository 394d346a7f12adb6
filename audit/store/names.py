"""The name registry: forms of names, learned from articles and corrected by people.

A learned form is trusted once `OUTLETS` independent outlets have it: outlets whose texts are not
copies of each other. It is not trusted if it is a word of the language, or a letter or two off a
name that many more outlets have (`audit.store.trust`). Public figures and places need not be
learned: the language lists them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select, update

from audit.errors import InputError
from audit.language import find
from audit.language.spelling import fold, words_in
from audit.model import Language
from audit.store.database import CHUNK, Store, put
from audit.store.schema import name_forms, names
from audit.store.trust import OUTLETS, Sightings, judged

GROUPS = OUTLETS
"""Groups of copies kept of a form and an outlet: more cannot make it more independent."""

Origin = Literal["learned", "given", "forgotten", "listed"]


@dataclass(frozen=True, slots=True)
class NameForm:
    """A form of a name.

    `origin` is learned (from articles), given (by a person), forgotten (by a person) or listed (by
    the language). `outlets` is how many have it; times are None for a listed one.
    """

    form: str
    origin: Origin
    trusted: bool
    outlets: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class KnownName:
    """A name by the form that stands for it, with all its forms, that one first."""

    name: str
    forms: tuple[NameForm, ...]


class Names:
    """The names of a store. Trusted ones are read once: what is learned later is not among them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def see(
        self, forms: Iterable[str], *, outlet: str, copies: str, at: datetime, language: Language
    ) -> None:
        """Note that an article of an outlet, in a language, has these forms.

        `copies` names the group of texts that are copies of each other, to which the article
        belongs; its own digest if it is a copy of none.
        """
        found = sorted({clean for form in forms if (clean := _clean(form))})
        for i in range(0, len(found), CHUNK):
            self._see(found[i : i + CHUNK], outlet, copies, at, language.code)

    def learn(self) -> int:
        """Decide anew which learned forms are trusted and whose forms they are; how many are.

        A form is judged by the language in which most outlets have it.
        """
        with self._store.unit() as connection:
            rows = connection.execute(select(names)).all()
            many = connection.execute(
                select(name_forms.c.form)
                .group_by(name_forms.c.form)
                .having(func.count(name_forms.c.outlet.distinct()) >= OUTLETS)
            ).scalars()
            learned = {r.form for r in rows if r.origin == "learned"}
            read = self._sightings(connection, sorted(learned.intersection(many)))
            given = [r.form for r in rows if r.origin == "given"]
            name_of: dict[str, str] = {}
            for code, own in sorted(read.items()):
                language = find(code) or find()
                assert language is not None
                name_of |= judged(own, given, language)
            for row in rows:
                if row.origin != "learned":
                    continue
                new = {"trusted": row.form in name_of, "name": name_of.get(row.form, row.form)}
                if new != {"trusted": row.trusted, "name": row.name}:
                    connection.execute(update(names).where(names.c.form == row.form).values(new))
            return len(name_of)

    def trusted(self) -> tuple[str, ...]:
        """All trusted forms, for the setting `names`."""
        return tuple(form for form, _ in self._trusted)

    def trusted_in(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The trusted forms all of whose words stand in these texts."""
        there = {w.folded for text in texts for w in words_in(text)}
        return tuple(form for form, words in self._trusted if words <= there)

    def list(self, containing: str = "", *, all_forms: bool = False) -> list[KnownName]:
        """The names, each with its trusted forms, or all if `all_forms`; those of which a form
        contains a text, in whatever case and with or without accents."""
        counted = (
            select(name_forms.c.form, func.count(name_forms.c.outlet.distinct()).label("outlets"))
            .group_by(name_forms.c.form)
            .subquery()
        )
        query = select(names, func.coalesce(counted.c.outlets, 0).label("outlets")).outerjoin(
            counted, counted.c.form == names.c.form
        )
        groups: dict[str, list[NameForm]] = defaultdict(list)
        with self._store.reading() as connection:
            for row in connection.execute(query):
                form = NameForm(
                    row.form, row.origin, row.trusted, row.outlets, row.first_seen, row.last_seen
                )
                if form.trusted or all_forms:
                    groups[row.name].append(form)
        return [
            KnownName(name, tuple(sorted(forms, key=lambda f: (f.form != name, f.form))))
            for name, forms in sorted(groups.items())
            if any(fold(containing) in fold(f.form) for f in forms)
        ]

    def add(self, name: str, variants: Sequence[str], at: datetime) -> bool:
        """Trust a name, and these forms of it; whether any of them had not been added before.

        Raises InputError if one has no letter.
        """
        forms = [_checked(f) for f in (name, *variants)]
        given = select(names.c.form).where(names.c.form.in_(forms), names.c.origin == "given")
        with self._store.unit() as connection:
            before = set(connection.execute(given).scalars())
            self._give(connection, forms, forms[0], at)
        return not before.issuperset(forms)

    def withdraw(self, name: str) -> bool:
        """Take back that a form was added, and say whether it was.

        One that articles have is a learned one again, to be judged by the next `learn`; another is
        unknown.
        """
        this = (names.c.form == _clean(name)) & (names.c.origin == "given")
        seen = select(name_forms.c.form).where(name_forms.c.form == names.c.form).exists()
        learned = {"origin": "learned", "trusted": False, "name": names.c.form}
        with self._store.unit() as connection:
            read = connection.execute(update(names).where(this & seen).values(learned)).rowcount
            return connection.execute(delete(names).where(this)).rowcount + read > 0

    def merge(self, into: str, others: Sequence[str], at: datetime) -> None:
        """Let all forms of other names be forms of one. Raises InputError for an unknown name."""
        with self._store.unit() as connection:
            forms = [form for name in (into, *others) for form in self._forms_of(connection, name)]
            self._give(connection, list(dict.fromkeys([_clean(into), *forms])), _clean(into), at)

    def forget(self, name: str) -> None:
        """Do not trust a name or a form, nor learn it again. Raises InputError if it is unknown.

        The name takes its other forms with it; another form goes alone.
        """
        with self._store.unit() as connection:
            self._forms_of(connection, name)
            this = (names.c.name == _clean(name)) | (names.c.form == _clean(name))
            connection.execute(update(names).where(this).values(origin="forgotten", trusted=False))

    def prune(self, before: datetime) -> int:
        """Drop learned forms that are not trusted and were last seen before a time; how many."""
        chosen = (
            (names.c.origin == "learned")
            & names.c.trusted.is_(False)
            & (names.c.last_seen < before)
        )
        with self._store.unit() as connection:
            return connection.execute(delete(names).where(chosen)).rowcount

    @cached_property
    def _trusted(self) -> tuple[tuple[str, frozenset[str]], ...]:
        query = select(names.c.form).where(names.c.trusted.is_(True))
        with self._store.reading() as connection:
            forms = sorted(connection.execute(query).scalars())
        return tuple((f, frozenset(w.folded for w in words_in(f))) for f in forms)

    def _see(
        self, forms: Sequence[str], outlet: str, copies: str, at: datetime, language: str
    ) -> None:
        with self._store.unit() as connection:
            put(
                connection,
                names,
                [
                    {
                        "form": form,
                        "name": form,
                        "origin": "learned",
                        "trusted": False,
                        "first_seen": at,
                        "last_seen": at,
                    }
                    for form in forms
                ],
                change=(),
            )
            mine = names.c.form.in_(forms)
            earlier, later = mine & (names.c.first_seen > at), mine & (names.c.last_seen < at)
            connection.execute(update(names).where(earlier).values(first_seen=at))
            connection.execute(update(names).where(later).values(last_seen=at))
            full = connection.execute(
                select(name_forms.c.form)
                .where(name_forms.c.form.in_(forms), name_forms.c.outlet == outlet)
                .group_by(name_forms.c.form)
                .having(func.count() >= GROUPS)
            ).scalars()
            rows = [
                {
                    "form": form,
                    "outlet": outlet,
                    "copies": copies,
                    "seen": at,
                    "language": language,
                }
                for form in sorted(set(forms).difference(full))
            ]
            put(connection, name_forms, rows, change=())

    def _sightings(
        self, connection: Connection, forms: Sequence[str]
    ) -> dict[str, dict[str, Sightings]]:
        """Where forms were read, by the language in which most outlets have a form."""
        seen: dict[str, Sightings] = defaultdict(list)
        outlets: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for i in range(0, len(forms), CHUNK):
            query = select(name_forms).where(name_forms.c.form.in_(forms[i : i + CHUNK]))
            for row in connection.execute(query):
                seen[row.form].append((row.outlet, row.copies))
                outlets[row.form][row.language].add(row.outlet)
        found: dict[str, dict[str, Sightings]] = defaultdict(dict)
        for form, sightings in seen.items():
            by_language = outlets[form]
            found[min(by_language, key=lambda c: (-len(by_language[c]), c))][form] = sightings
        return found

    def _forms_of(self, connection: Connection, name: str) -> Collection[str]:
        """The forms of a name, or the form alone if it is no name. InputError if it is neither."""
        clean = _clean(name)
        found: list[Any] = list(
            connection.execute(
                select(names.c.form).where((names.c.name == clean) | (names.c.form == clean))
            ).scalars()
        )
        if not found:
            raise InputError(name, "is not in the registry; `mtaudit names list --all` shows it")
        return sorted(found)

    def _give(self, connection: Connection, forms: Iterable[str], name: str, at: datetime) -> None:
        rows = [
            {
                "form": form,
                "name": name,
                "origin": "given",
                "trusted": True,
                "first_seen": at,
                "last_seen": at,
            }
            for form in forms
        ]
        put(connection, names, rows, change=("name", "origin", "trusted"))


def _clean(form: str) -> str:
    """A form on one line, without a possessive ending."""
    words = words_in(form)
    text = form[: words[-1].start + len(words[-1].bare)] if words else ""
    return " ".join(text.split())


def _checked(form: str) -> str:
    if not (clean := _clean(form)):
        raise InputError(form, "is no name: it has no letter")
    return clean
