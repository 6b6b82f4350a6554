"""A second domain: shopping with stateful tools, in the manner of BFCL's multi-turn APIs.

A task is a list of wishes and a question about money. Every call changes the cart that later calls see, prices and
stock are known to the tools alone, and most wishes can be fulfilled in two ways (`put` what is lacking, or `set_count`
to what is wanted). *Hints* need the state of the cart: "as many pears as apples".
"""

from __future__ import annotations

import copy
import inspect
import itertools
import json
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any

from mentor.data.tasks import shop_tools
from mentor.data.tasks.shop_tools import Shop
from mentor.tools import schemas_from_source
from mentor.types import Task, ToolCall, Trajectory

__all__ = ["SHOP_SUITES", "generate_shop", "shop_source"]

Planned = tuple[str, dict[str, Any]]
"""A tool's name and arguments."""

Way = Callable[[Shop, Mapping[str, Any]], list[Planned]]
"""How a wish is fulfilled: the calls, from the shop as it is and what the wish names."""

_PRODUCTS = ("apples", "pears", "lemons", "candles", "cups", "pens", "ropes", "lamps")
_CODES = {"SAVE10": 10, "SAVE20": 20, "HALF": 50}
TOOLS = ("look_up", "put", "take_out", "set_count", "redeem", "total", "check_out")


@dataclass(frozen=True, slots=True)
class Wish:
    """One kind of wish.

    Attributes:
        words: Its wording, with what it names in braces.
        ways: How it is fulfilled; the first is the teacher's.
        hint: Whether it depends on what the cart holds.
    """

    words: str
    ways: tuple[Way, ...]
    hint: bool = False


def _have(shop: Shop, product: str) -> int:
    return int(shop.cart.get(product, 0))


def _change(product: str, wanted: Callable[[Shop, Mapping[str, Any]], int]) -> tuple[Way, ...]:
    """To a count of the product that the wish calls `product`: by the difference, or by setting it."""

    def by_difference(shop: Shop, said: Mapping[str, Any]) -> list[Planned]:
        more = wanted(shop, said) - _have(shop, said[product])
        tool = "put" if more > 0 else "take_out"
        return [(tool, {"product": said[product], "count": abs(more)})]

    def by_setting(shop: Shop, said: Mapping[str, Any]) -> list[Planned]:
        return [("set_count", {"product": said[product], "count": wanted(shop, said)})]

    return by_difference, by_setting


def _after_looking(ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """The same, behind a look at the stock."""

    def looking(way: Way) -> Way:
        return lambda shop, said: [("look_up", {"product": said["p"]}), *way(shop, said)]

    return tuple(looking(way) for way in ways)


WISHES: Mapping[str, Wish] = MappingProxyType(
    {
        "put": Wish("put {n} {p} into the cart", _change("p", lambda s, w: _have(s, w["p"]) + w["n"])),
        "take": Wish("take {n} {p} out again", _change("p", lambda s, w: _have(s, w["p"]) - w["n"])),
        "double": Wish("double the {p}", _change("p", lambda s, w: 2 * _have(s, w["p"])), hint=True),
        "match": Wish(
            "take as many {q} as there are {p} in the cart",
            _change("q", lambda s, w: _have(s, w["p"])),
            hint=True,
        ),
        "all": Wish(
            "take all {p} there are",
            _after_looking(_change("p", lambda s, w: int(s.stock[w["p"]][1]))),
            hint=True,
        ),
        "none": Wish("no {p} after all", _change("p", lambda s, w: 0), hint=True),
        "code": Wish("use the code {code}", (lambda s, w: [("redeem", {"code": w["code"]})],)),
    }
)
"""Every kind of wish by name."""

_NEW, _HELD = ("put", "all"), ("take", "double", "match", "none")
_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("What is the total?", "total"),
    ("Then check out. What is paid?", "check_out"),
)


@dataclass(frozen=True, slots=True)
class ShopDomain:
    """What tasks are drawn from.

    Attributes:
        wishes: How many wishes a task may have.
        missing: Whether one of the teacher's tools is taken away, another way remaining.
    """

    wishes: tuple[int, ...] = (3, 4)
    missing: bool = False


_TRAINING = ShopDomain()
SHOP_SUITES: Mapping[str, ShopDomain] = MappingProxyType(
    {
        "shop_train": _TRAINING,
        "shop_in_domain": _TRAINING,
        "shop_long": replace(_TRAINING, wishes=(6, 7)),
        "shop_tool_missing": replace(_TRAINING, missing=True),
    }
)
"""Every suite's domain by name: `shop_train`, then the suites of an evaluation."""

_SIDES = 20
_SIDES_OF = {"shop_in_domain": range(2), "shop_long": range(2), "shop_tool_missing": range(2, 4)}


def _fits(suite: str, question: str) -> bool:
    """A question is on one side only: training, or one of two groups of suites, which differ in length."""
    side = zlib.crc32(question.encode()) % _SIDES
    return side in _SIDES_OF.get(suite, range(4, _SIDES))


@dataclass(slots=True)
class _Draft:
    """A task while it is being drawn: the shop as the teacher leaves it, the wishes, the calls of every way."""

    stock: dict[str, Sequence[float]]
    shop: Shop
    wishes: list[str] = field(default_factory=list)
    links: list[list[list[ToolCall]]] = field(default_factory=list)


def generate_shop(seed: int, n: int, suite: str = "shop_train", *, references: int = 1) -> list[Task]:
    """Generate shopping tasks with the scripted teacher's trajectories; no question twice.

    Args:
        seed: Any integer; it and the suite's name fix every task.
        n: How many tasks, at least 0.
        suite: A name out of `SHOP_SUITES`.
        references: The most trajectories to keep per task: the teacher's first, then other ways. In
            `shop_tool_missing` the first takes the first way that the offered tools allow.

    Returns:
        Tasks with stateful tools; each has a stock of its own in its tool source.

    Raises:
        KeyError: No such suite.
    """
    domain = SHOP_SUITES[suite]
    rng = random.Random(f"{suite}:{seed}")
    drawn: dict[str, Task] = {}
    while len(drawn) < n:
        name = f"{suite.removeprefix('shop_')}/{seed}/{len(drawn)}"
        task = _draw(rng, domain, f"shop/{name}", suite, references)
        if task is not None and _fits(suite, task.question):
            drawn.setdefault(task.question, task)
    return list(drawn.values())


@cache
def _source() -> str:
    return inspect.getsource(shop_tools)


def shop_source(stock: Mapping[str, Sequence[float]]) -> str:
    """The tool source of a shop with a stock: price and count by product."""
    return f"{_source()}\n\n_shop = Shop({json.dumps(dict(stock))}, {json.dumps(_CODES)})\n"


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    return {schema["function"]["name"]: schema for schema in schemas_from_source(_source())}


def _draw(rng: random.Random, domain: ShopDomain, name: str, suite: str, references: int) -> Task | None:
    """One task, or None where the wishes cannot be fulfilled, or no tool can be taken away."""
    products = rng.sample(_PRODUCTS, 4)
    stock: dict[str, Sequence[float]] = {
        product: (rng.randint(2, 40) / 2, rng.randint(8, 40)) for product in products
    }
    draft = _Draft(stock, Shop(stock, _CODES))
    for place in range(rng.choice(domain.wishes)):
        if not _wish(rng, draft, first=place == 0):
            return None
    words, tool = rng.choice(_QUESTIONS)
    if not draft.shop.cart:
        return None
    draft.links.append([_carry_out(draft.shop, [(tool, {})])])
    offered = _offered(rng, domain, draft.links)
    if offered is None:
        return None
    paid = draft.links[-1][0][-1].result
    question = f"{_sentence(draft.wishes)} {words}"
    open_ways = [[way for way in ways if all(call.name in offered for call in way)] for ways in draft.links]
    chosen = itertools.islice(itertools.product(*open_ways), references)
    return Task(
        id=name,
        question=question,
        tools=[copy.deepcopy(_schemas()[tool]) for tool in offered],
        tool_source=shop_source(stock),
        answer=repr(paid),
        references=tuple(Trajectory(tuple(itertools.chain(*ways)), repr(paid)) for ways in chosen),
        suite=suite,
        stateful=True,
    )


def _sentence(wishes: Sequence[str]) -> str:
    return "; ".join([wishes[0][0].upper() + wishes[0][1:], *wishes[1:]]) + "."


def _wish(rng: random.Random, draft: _Draft, *, first: bool) -> bool:
    """Adds one wish that changes something; False where what was drawn does not."""
    held = [product for product in draft.stock if _have(draft.shop, product)]
    names = (
        ["put"] if first else [*_NEW, "put", *(_HELD if held else ()), *(() if draft.shop.off else ("code",))]
    )
    name = rng.choice(names)
    said: dict[str, Any] = {"n": rng.randint(2, 9), "code": rng.choice(list(_CODES))}
    said["p"] = rng.choice(held if name in _HELD else list(draft.stock))
    said["q"] = rng.choice([product for product in draft.stock if product != said["p"]])
    wish = WISHES[name]
    ways: list[list[ToolCall]] = []
    for way in reversed(wish.ways):  # the teacher's last, whose shop is kept
        shop = copy.deepcopy(draft.shop)
        try:
            calls = _carry_out(shop, way(shop, said))
        except ValueError:
            return False
        if name != "code" and shop.cart == draft.shop.cart:
            return False
        ways.insert(0, calls)
    draft.shop = shop
    draft.wishes.append(wish.words.format(**said))
    draft.links.append(ways)
    return True


def _carry_out(shop: Shop, planned: Sequence[Planned]) -> list[ToolCall]:
    """Makes the calls on a shop, which they change."""
    return [ToolCall(tool, given, getattr(shop, tool)(**given)) for tool, given in planned]


def _offered(
    rng: random.Random, domain: ShopDomain, links: Sequence[Sequence[Sequence[ToolCall]]]
) -> tuple[str, ...] | None:
    """The offered tools; None where none of the teacher's can be taken away."""
    if not domain.missing:
        return TOOLS
    needed = {call.name for ways in links for call in ways[0]}
    avoidable = [
        tool
        for tool in sorted(needed)
        if all(any(all(call.name != tool for call in way) for way in ways) for ways in links)
    ]
    if not avoidable:
        return None
    taken = rng.choice(avoidable)
    return tuple(tool for tool in TOOLS if tool != taken)
