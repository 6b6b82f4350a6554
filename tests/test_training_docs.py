from pathlib import Path

from mentor.training.reference import reference

PAGE = Path(__file__).parent.parent / "docs" / "training.md"


def test_the_page_lists_the_configuration_as_it_is():
    page = PAGE.read_text(encoding="utf-8")
    assert page.endswith(reference()), (
        "run: python -m mentor.training.reference, and put it at the page's end"
    )
