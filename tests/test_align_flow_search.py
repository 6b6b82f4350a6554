"""A search for trajectories that `flow` pays for work that they did not do.

Trajectories are sorted by what they honestly did, which is decided here without the score; the best of each sort must
not earn more than the best honest trajectory of that sort. Random trajectories first, then the best ones changed call
by call. `MENTOR_FUZZ_CASES` says how many are tried; without it few, and the same in every run.
"""

import random
from typing import Any

import pytest

from fuzzing import ASKED
from mentor.align import compile_references, score_batch
from mentor.data.tasks.problems import Domain, draw_problem
from test_align_flow import FACTS, TASK, TEACHER, TOOLS, call, run

CASES = int(ASKED or 6000)
SEED = None if ASKED else 7
REFERENCES = compile_references([[run(TEACHER)]], tasks=[TASK], facts=FACTS)
NUMBERS = (2, 3, 4, 5, 20, 0, 1, 10, 18, 7, 100, 19, 40, 8, 12, 0.5, -5)
CONSTANTS = {0, 1, -1, 2, 0.5, 0.01, 0.1, 10, 100, 1000}
Plan = tuple[tuple[Any, ...], ...]

# The most that a trajectory may earn, by whether it honestly computed 5, and 20, and whether it multiplied some sum by
# 4 as the plan says: what the recall allows with every call of the student's credited.
MOST = {
    (False, False, False): 0.5,  # half the arguments of both: `add(2, 9); multiply(7, 4)`
    (False, False, True): 0.84,  # one slip: `add(2, 4); multiply(6, 4)`
    (True, False, False): 0.7875,  # 5 another way, half the arguments of the other: recall 0.7, precision 0.9
    (True, False, True): 0.84,
    (False, True, False): 0.9,  # another way: `multiply(2, 4); multiply(3, 4); add(8, 12)`
    (False, True, True): 0.95,
    (True, True, False): 0.95,  # another tool: `sum_numbers(2, 3); multiply(5, 4)`
    (True, True, True): 1.0,
}


def sort_of(plan: Plan) -> tuple[bool, bool, bool]:
    """Which of the reference's results are computed from the task's numbers, and whether a sum is multiplied by 4."""
    honest, sums, reached, follows = {2.0, 3.0, 4.0}, set(), set(), False
    for name, *numbers in plan:
        result = call(name, *numbers).result
        turned = [(x, -x, x * 100, x / 100, 1 / x if x else x) for x in numbers]
        known = [any(y in honest for y in one) for one in turned]
        follows |= name == "multiply" and 4 in numbers and any(x in sums for x in numbers)
        if name in ("add", "sum_numbers"):
            sums.add(result)
        if any(known) and all(is_known or x in CONSTANTS for is_known, x in zip(known, numbers, strict=True)):
            reached |= {5, 20} & ({result} - honest)
            honest.add(result)
    return 5 in reached, 20 in reached, follows


def random_call(dice: random.Random, pool: list[float]) -> tuple[Any, ...]:
    while True:
        name = dice.choice(list(TOOLS))
        count = {"abs_value": 1, "sqrt": 1, "sum_numbers": dice.choice([2, 3])}.get(name, 2)
        step = (name, *(dice.choice(pool) for _ in range(count)))
        result = call(*step).result
        if isinstance(result, int | float) and abs(result) < 1e6:
            return step


def random_plan(dice: random.Random) -> Plan:
    plan: list[tuple[Any, ...]] = []
    for _ in range(dice.randint(1, 5)):
        plan.append(random_call(dice, [*NUMBERS, *(call(*step).result for step in plan)]))
    return tuple(plan)


def changed(dice: random.Random, plan: Plan) -> Plan:
    """One call taken away, put in, repeated, moved or made anew."""
    steps = list(plan)
    place = dice.randrange(len(steps))
    pool = [*NUMBERS, *(call(*step).result for step in steps)]
    match dice.randrange(5):
        case 0 if len(steps) > 1:
            del steps[place]
        case 1:
            steps.insert(place, random_call(dice, pool))
        case 2:
            steps.append(steps[place])
        case 3:
            steps.insert(0, steps.pop(place))
        case _:
            steps[place] = random_call(dice, pool)
    return tuple(steps[:6])


def scores(plans: list[Plan]) -> list[float]:
    return REFERENCES.score([run(plan) for plan in plans], rows=[0] * len(plans), metric="flow").tolist()


def test_no_trajectory_earns_more_than_the_honest_one_of_its_sort() -> None:
    dice = random.Random(SEED)
    best: dict[Any, list[tuple[float, Plan]]] = {}

    def try_all(plans: list[Plan]) -> None:
        for plan, found in zip(plans, scores(plans), strict=True):
            sort = sort_of(plan)
            assert found <= MOST[sort] + 1e-9, (found, sort, plan)
            best.setdefault(sort, []).append((found, plan))
            best[sort] = sorted(best[sort], reverse=True)[:12]

    try_all([random_plan(dice) for _ in range(CASES // 2)])
    for _ in range(max(CASES // 1000, 4)):
        parents = [plan for several in best.values() for _, plan in several]
        try_all([changed(dice, dice.choice(parents)) for _ in range(500)])
    assert best[False, False, False][0][0] == pytest.approx(0.5), "the search climbs to the honest score"


def test_idle_work_never_helps() -> None:
    dice = random.Random(SEED)
    for _ in range(max(CASES // 60, 60)):
        plan = random_plan(dice)
        before = scores([plan])[0]
        idle: list[Plan] = [
            (("abs_value", call(*plan[-1]).result),),
            (("subtract", 2, 3), ("divide", 2, 3), ("power", 2, 3)),
            (("subtract", 20, 0), ("abs_value", 20)),
            (("abs_value", 5), ("divide", 5, 1)),
        ]
        # What a later call uses is not idle.
        used = {abs(number) for _, *numbers in plan for number in numbers}
        before_it = [calls for calls in idle if not used & {abs(call(*step).result) for step in calls}]
        longer = [(*plan, *calls) for calls in idle] + [(*calls, *plan) for calls in before_it]
        assert max(scores(longer)) <= before + 1e-9, plan


def test_other_ways_of_generated_tasks_keep_their_score() -> None:
    dice = random.Random(3)
    problems = [draw_problem(dice, Domain(instructions=(1, 2, 3), hints=None)) for _ in range(150)]
    teachers = [[made for link in one.links for made in link.ways[0]] for one in problems]
    others = [[made for link in one.links for made in dice.choice(link.ways)] for one in problems]
    foreign = teachers[1:] + teachers[:1]
    found = {
        name: score_batch(
            students,
            [[teacher] for teacher in teachers],
            metric="flow",
            tasks=[one.question for one in problems],
            facts=FACTS,
        )
        for name, students in (("own", teachers), ("other", others), ("foreign", foreign))
    }
    assert (found["own"] == 1.0).all()
    assert found["other"].mean() > 0.93
    assert found["other"].min() > 0.6
    assert found["foreign"].mean() < 0.05
