"""The best one-to-one matching of two short lists, by trying everything."""

from collections.abc import Callable
from functools import cache

QUANTUM = 2**30


def best(rows: int, columns: int, weight: Callable[[int, int], float]) -> list[int | None]:
    """The column of each row: the greatest total of whole multiples of 2**-30, and of those matchings the first.

    The first: row 0 has the earliest column that any of them gives it, then row 1, and so on, none being last. A
    pair of weight 0 is no pair.
    """
    whole = [[int(weight(r, c) * QUANTUM + 0.5) for c in range(columns)] for r in range(rows)]

    @cache
    def rest(row: int, used: int) -> tuple[int, tuple[int, ...]]:
        if row == rows:
            return 0, ()
        options = []
        for column in range(columns):
            if whole[row][column] and not used >> column & 1:
                total, places = rest(row + 1, used | 1 << column)
                options.append((total + whole[row][column], (column, *places)))
        total, places = rest(row + 1, used)
        options.append((total, (columns, *places)))
        return min(options, key=lambda option: (-option[0], option[1]))

    return [None if column == columns else column for column in rest(0, 0)[1]]
