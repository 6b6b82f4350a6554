"""Building the tiny student's tokenizer: bytes, and the vocabulary's pieces as whole tokens."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from mentor.student.vocabulary import END_OF_TURN, PADDING, PIECES, split_pattern

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

__all__ = ["build_tokenizer", "chat_template"]

_CONTEXT = 1024

_RESPONSE_TEMPLATE = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open": "<tool_call>",
            "close_pattern": r"</tool_call>\s*",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"<\|im_end\|>\s*", "content": "text"},
    },
}
"""How `parse_response` of transformers, and so TRL's own tool loop, reads a message back from text."""


@cache
def chat_template() -> str:
    """The chat template: ChatML with the offered tools' names, one a line, and `<tool_response>` blocks."""
    return resources.files("mentor.student").joinpath("chat_template.jinja").read_text(encoding="utf-8")


def build_tokenizer() -> PreTrainedTokenizerFast:
    """Build the tokenizer; decoding gives back every text exactly.

    A piece of the text that is in the vocabulary is one token, any other becomes its bytes. The pieces never
    reach over the end of a turn, so a rendered chat's tokens begin with the tokens of every earlier state of
    it.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokens = [PADDING, END_OF_TURN, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokens += ["".join(part for part, _ in byte_level.pre_tokenize_str(piece)) for piece in PIECES]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[], ignore_merges=True))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(split_pattern()), behavior="isolated"), byte_level]
    )
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in (PADDING, END_OF_TURN)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PADDING,
        eos_token=END_OF_TURN,
        model_max_length=_CONTEXT,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    tokenizer.chat_template = chat_template()
    tokenizer.response_template = _RESPONSE_TEMPLATE
    return tokenizer
