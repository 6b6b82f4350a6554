"""An agent of smolagents whose code runs in the sandbox. The model is a script, so that it runs anywhere."""

from collections.abc import Iterator

from smolagents import CodeAgent, tool
from smolagents.models import ChatMessage, MessageRole, Model

from mentor.integrations.smolagents import MentorExecutor

STEPS = ["found = search('abc')\nprint(found)", "final_answer(found + '!')"]


@tool
def search(query: str) -> str:
    """Searches.

    Args:
        query: What for.
    """
    return query.upper()


class Scripted(Model):
    """A model that writes what it is told to."""

    def __init__(self, steps: list[str]) -> None:
        super().__init__(model_id="scripted")
        self._steps: Iterator[str] = iter(steps)

    def generate(self, messages, **_) -> ChatMessage:
        """The next step."""
        text = f"Thought: go on.\n<code>\n{next(self._steps)}\n</code>"
        return ChatMessage(role=MessageRole.ASSISTANT, content=text)


agent = CodeAgent(tools=[search], model=Scripted(STEPS), executor=MentorExecutor(), verbosity_level=0)
answer = agent.run("Search for abc.")
assert answer == "ABC!", answer
print(answer)
