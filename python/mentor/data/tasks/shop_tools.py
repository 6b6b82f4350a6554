"""The tools of a small shop: a stock, one cart, and codes that lower the price; every call changes or reads them.

This file is a tool source: its text, with the stock of one task at its end, is what the sandbox runs. `Shop` is also
what the scripted teacher works with, so both give the same results.
"""

from collections.abc import Sequence


class Shop:
    """A shop with one customer.

    Attributes:
        stock: What there is: price and count by product.
        codes: Percentages off by code.
        cart: Counts by product.
        off: The percentage of the code that was redeemed.
        orders: How many orders were placed.
    """

    def __init__(self, stock: dict[str, Sequence[float]], codes: dict[str, int]) -> None:
        self.stock = {product: list(kept) for product, kept in stock.items()}
        self.codes = dict(codes)
        self.cart: dict[str, int] = {}
        self.off = 0
        self.orders = 0

    def _known(self, product: str) -> list[float]:
        if product not in self.stock:
            raise ValueError(f"no product {product!r}; there are {', '.join(self.stock)}")
        return self.stock[product]

    def look_up(self, product: str) -> dict[str, float]:
        """See the tool of this name."""
        price, left = self._known(product)
        return {"price": price, "in_stock": left}

    def set_count(self, product: str, count: int) -> dict[str, int]:
        """See the tool of this name."""
        _, left = self._known(product)
        if count < 0:
            raise ValueError(f"a cart cannot hold {count} {product}")
        if count > left:
            raise ValueError(f"only {left} {product} are in stock")
        self.cart[product] = count
        if count == 0:
            del self.cart[product]
        return dict(self.cart)

    def put(self, product: str, count: int) -> dict[str, int]:
        """See the tool of this name."""
        return self.set_count(product, self.cart.get(product, 0) + count)

    def take_out(self, product: str, count: int) -> dict[str, int]:
        """See the tool of this name."""
        return self.set_count(product, self.cart.get(product, 0) - count)

    def redeem(self, code: str) -> int:
        """See the tool of this name."""
        if code not in self.codes:
            raise ValueError(f"the code {code!r} is not valid")
        if self.off:
            raise ValueError("only one code can be used")
        self.off = self.codes[code]
        return self.off

    def total(self) -> float:
        """See the tool of this name."""
        price = sum(self.stock[product][0] * count for product, count in self.cart.items())
        price = round(price * (100 - self.off) / 100, 2)
        return int(price) if price == int(price) else price

    def check_out(self) -> float:
        """See the tool of this name."""
        if not self.cart:
            raise ValueError("the cart is empty")
        paid = self.total()
        for product, count in self.cart.items():
            self.stock[product][1] -= count
        self.cart, self.off = {}, 0
        self.orders += 1
        return paid


_shop = Shop({}, {})


def look_up(product: str) -> dict[str, float]:
    """Look up a product's price and how many are in stock.

    Args:
        product: The product's name.
    """
    return _shop.look_up(product)


def put(product: str, count: int) -> dict[str, int]:
    """Put more of a product into the cart; returns the cart.

    Args:
        product: The product's name.
        count: How many more.
    """
    return _shop.put(product, count)


def take_out(product: str, count: int) -> dict[str, int]:
    """Take some of a product out of the cart; returns the cart.

    Args:
        product: The product's name.
        count: How many.
    """
    return _shop.take_out(product, count)


def set_count(product: str, count: int) -> dict[str, int]:
    """Set how many of a product the cart holds; returns the cart.

    Args:
        product: The product's name.
        count: How many it is to hold.
    """
    return _shop.set_count(product, count)


def redeem(code: str) -> int:
    """Use a code; returns the percentage that it takes off the total.

    Args:
        code: The code.
    """
    return _shop.redeem(code)


def total() -> float:
    """The price of the cart, less what a code takes off."""
    return _shop.total()


def check_out() -> float:
    """Buy what is in the cart; returns what is paid, and empties the cart."""
    return _shop.check_out()
