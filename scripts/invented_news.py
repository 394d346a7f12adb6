"""Invented news for measuring: stories of several versions that tell one event in other words.

A version tells most of the facts of its event, nearly in their order, each in one of several
wordings, with the event's own names, places and figures. No two versions are copies. Some have a
fault as machines leave them: a misspelled name, a doubled word, a figure that is wrong by ten.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from wordfreq import top_n_list

SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
ENDINGS = ("n", "r", "l", "sk", "v", "m", "th", "x")

EVENTS: Sequence[tuple[str, str, str]] = (
    ("ferry", "sank", "crew"),
    ("warehouse", "burned down", "guards"),
    ("bridge", "collapsed", "workers"),
    ("mine", "was flooded", "miners"),
    ("train", "left the rails", "passengers"),
    ("dam", "broke", "villagers"),
    ("factory", "exploded", "workers"),
    ("tower", "fell", "builders"),
    ("market", "was robbed", "traders"),
    ("hospital", "lost its power", "patients"),
)
"""What it happened to, what happened, and to whom."""

FACTS: Sequence[Sequence[str]] = (
    (
        "A {thing} {happened} near {town} on {day}, the authorities of {region} said.",
        "Near {town}, in {region}, a {thing} {happened} on {day}, officials announced.",
        "Officials in {region} said on {day} that a {thing} {happened} not far from {town}.",
        "On {day} a {thing} {happened} close to {town}, according to the government of {region}.",
    ),
    (
        "At least {hurt} {people} were injured and {dead} are still missing.",
        "{hurt} {people} were hurt and {dead} could not be found until the evening.",
        "Doctors treated {hurt} {people}, while the search for {dead} others went on.",
        "The number of injured {people} rose to {hurt}; {dead} remained missing.",
    ),
    (
        "{chief}, who leads the rescue service, spoke of the worst night in {years} years.",
        "It was the worst night in {years} years, said {chief}, the head of the rescue service.",
        "The head of the rescue, {chief}, said he had seen nothing like it in {years} years.",
        '"We have not had such a night in {years} years," {chief} of the rescue service said.',
    ),
    (
        "The damage is put at {cost} million by the {company} company, which owns the {thing}.",
        "{company}, the owner of the {thing}, expects a loss of {cost} million.",
        "The {thing} belongs to {company}, which estimated the damage at {cost} million.",
        "According to {company}, to which the {thing} belongs, repairs will cost {cost} million.",
    ),
    (
        "Investigators found traces of {first} and {second} in the ruins.",
        "Traces of {first} and of {second} were found by the investigators.",
        "The investigators spoke of {second} and {first} that should not have been there.",
        "Among the ruins lay {first} and {second}, one of the investigators said.",
    ),
    (
        "The minister {minister} promised help to the families and a new {third} for {town}.",
        "Families will be helped, and {town} will get a new {third}, promised minister {minister}.",
        "Minister {minister} assured {town} of a new {third} and the families of help.",
        "Help for the families and a new {third} for {town}: minister {minister} promised it.",
    ),
    (
        "A witness, {witness}, heard a loud noise at about {hour} in the morning.",
        "At about {hour} in the morning {witness}, who lives nearby, heard a loud noise.",
        "{witness}, a neighbour, was woken by a loud noise at about {hour} in the morning.",
        'One neighbour, {witness}, said: "There was a loud noise at about {hour} in the morning."',
    ),
    (
        "Roads between {town} and {other} will stay closed until {reopen}.",
        "Until {reopen} no road between {town} and {other} will be open.",
        "Drivers cannot use the roads from {town} to {other} before {reopen}.",
        "The roads that join {town} and {other} are to be opened again on {reopen}.",
    ),
    (
        "The parliament of {region} will discuss {fourth} and {fifth} next week.",
        "Next week {fourth} and {fifth} are to be discussed by the parliament of {region}.",
        "In {region}, parliament has put {fourth} and {fifth} on its list for next week.",
        "Members of parliament in {region} want to talk about {fifth} and {fourth} next week.",
    ),
)
"""Each fact in four wordings."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Told:
    """One version of a story: which story, which version of it, title and text."""

    story: int
    version: int
    title: str
    text: str


def invented(stories: Sequence[int], versions: Sequence[int], seed: int = 1) -> Iterator[Told]:
    """The given versions of each of these stories; the same for the same seed."""
    things = top_n_list("en", 20_000)[3_000:]
    things = [w for w in things if w.isascii() and w.isalpha() and len(w) > 4]
    for story in stories:
        event = _event(random.Random(f"{seed} {story}"), things)
        for version in versions:
            yield _told(story, version, event, random.Random(f"{seed} {story} {version}"))


def _event(chance: random.Random, things: Sequence[str]) -> Mapping[str, str]:
    thing, happened, people = chance.choice(EVENTS)
    order = ("first", "second", "third", "fourth", "fifth")
    return {
        "thing": thing,
        "happened": happened,
        "people": people,
        "day": chance.choice(DAYS),
        "reopen": chance.choice(DAYS),
        "hurt": str(chance.randrange(20, 90)),
        "dead": str(chance.randrange(3, 19)),
        "years": str(chance.randrange(10, 60)),
        "cost": str(chance.randrange(10, 900)),
        "hour": str(chance.randrange(2, 10)),
        **{key: _name(chance) for key in ("town", "other", "region", "company")},
        **{key: f"{_name(chance)} {_name(chance)}" for key in ("chief", "minister", "witness")},
        **dict(zip(order, chance.sample(things, len(order)), strict=True)),
    }


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=2)).capitalize() + chance.choice(ENDINGS)


def _told(story: int, version: int, event: Mapping[str, str], chance: random.Random) -> Told:
    places = sorted(range(1, len(FACTS)), key=lambda i: i + chance.uniform(0, 2))
    chosen = [0, *places[: chance.randrange(4, 7)]]
    sentences = [chance.choice(FACTS[i]).format_map(_spoiled(event, chance)) for i in chosen]
    sentences = [s[0].upper() + s[1:] for s in sentences]
    title = f"{event['thing'].capitalize()} {event['happened']} near {event['town']}"
    return Told(story, version, title, "\n".join(sentences))


def _spoiled(event: Mapping[str, str], chance: random.Random) -> Mapping[str, str]:
    """The event, in one of twelve sentences with a fault in it."""
    match chance.randrange(36):
        case 0:
            chief = event["chief"]
            return {**event, "chief": chief[:-2] + chief[-1] + chief[-2]}
        case 1:
            return {**event, "people": f"{event['people']} {event['people']}"}
        case 2:
            return {**event, "cost": f"{event['cost']}0"}
    return event
