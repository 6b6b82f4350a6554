"""One finished rollout, with the tokens that are trained on and everything the rewards need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mentor.types import ParsedCall, ToolCall, Trajectory

if TYPE_CHECKING:
    from mentor.tools import ToolResult

__all__ = ["Episode", "StopReason"]

StopReason = Literal["answer", "turns", "tokens", "malformed", "failure"]


@dataclass(slots=True)
class Episode:
    r"""One rollout from the prompt to its end.

    Attributes:
        prompt_ids: The prompt's tokens.
        completion_ids: Everything after the prompt: the model's turns and the tool responses between them.
        mask: As long as `completion_ids`; 1 where the model sampled the token, 0 where a tool response or the
            chat template supplied it. Only tokens of mask 1 are trained on.
        logprobs: The sampled tokens' log-probabilities (0.0 where the mask is 0), or None where the generator
            gives none.
        text: The completion as text, special tokens included; spans of `calls` index into it.
        calls: All calls of all turns in order, also the malformed and unknown ones.
        results: One per call; None for a call that was never executed (malformed, unknown, over the limit of
            calls, or made in the last turn).
        answer: The content of the last `\boxed{...}` of the final turn; None where there is none.
        finished: The model ended its last turn itself, without a further call, within all limits.
        failure: What broke, where the machinery failed; such an episode has no reward.
        turns: How many turns the model took.
        stop: Why the episode ended.
    """

    prompt_ids: list[int]
    completion_ids: list[int] = field(default_factory=list)
    mask: list[int] = field(default_factory=list)
    logprobs: list[float] | None = None
    text: str = ""
    calls: tuple[ParsedCall, ...] = ()
    results: tuple[ToolResult | None, ...] = ()
    answer: str | None = None
    finished: bool = False
    failure: str | None = None
    turns: int = 0
    stop: StopReason = "tokens"

    def trajectory(self) -> Trajectory:
        """The valid calls with what they returned, and the answer.

        A call that raised has its error in place of a result; one that was never executed has neither.
        """
        calls = [
            _with_result(call.name, call.arguments, result)
            for call, result in zip(self.calls, self.results, strict=True)
            if call.status == "valid" and call.name is not None and call.arguments is not None
        ]
        return Trajectory(tuple(calls), self.answer)


def _with_result(name: str, arguments: dict[str, Any], result: ToolResult | None) -> ToolCall:
    if result is None:
        return ToolCall(name, arguments)
    return (
        ToolCall(name, arguments, result.value) if result.ok else ToolCall(name, arguments, error=result.text)
    )
