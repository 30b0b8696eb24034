"""Settings from the environment and `.env`, read once by entry points and handed down as a value."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent  # the checkout: seeds/, prompts/ and .env are found from wherever we run
OPENAI = "https://api.openai.com/v1"


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "dateline"


class Settings(BaseSettings):
    """Every setting; `.env.example` says what each is for. Environment variables override `.env`."""

    # hide_input_in_errors: pydantic otherwise prints the other settings, keys included, with an error about one
    model_config = SettingsConfigDict(
        env_file=os.environ.get("DATELINE_ENV") or ROOT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    data: Path = Field(ROOT / ".dateline", alias="DATELINE_DATA")
    cache: Path = Field(default_factory=_user_cache, alias="DATELINE_CACHE")  # what can be built again, for all stores
    questions: Path = Field(ROOT / "seeds" / "questions.jsonl", alias="DATELINE_QUESTIONS")  # what `evaluate` asks
    chroma_url: str = Field("", alias="CHROMA_URL")
    chroma_token: SecretStr = Field(SecretStr(""), alias="CHROMA_TOKEN")
    chroma_tenant: str = Field("default_tenant", alias="CHROMA_TENANT")
    chroma_database: str = Field("default_database", alias="CHROMA_DATABASE")
    embedding_model: str = Field("all-MiniLM-L6-v2", alias="EMBEDDING_MODEL")
    openai_api_key: SecretStr = Field(SecretStr(""), alias="OPENAI_API_KEY")
    openai_base_url: str = Field(OPENAI, alias="OPENAI_BASE_URL")
    openai_model: str = Field("gpt-4.1-mini", alias="OPENAI_MODEL")
    openai_timeout: float = Field(60.0, alias="OPENAI_TIMEOUT", gt=0)  # seconds for a whole answer, retries included
    search: Literal["rules", "rewrite", "rerank", "both"] = Field("rules", alias="DATELINE_SEARCH")  # model's help
    openai_input_price: float = Field(0.0, alias="OPENAI_INPUT_PRICE", ge=0)  # USD per million tokens
    openai_output_price: float = Field(0.0, alias="OPENAI_OUTPUT_PRICE", ge=0)
    daily_usd: float = Field(0.0, alias="DATELINE_DAILY_USD", ge=0)  # what the model may cost, by day and month of UTC
    monthly_usd: float = Field(0.0, alias="DATELINE_MONTHLY_USD", ge=0)
    discord_token: SecretStr = Field(SecretStr(""), alias="DISCORD_TOKEN")
    discord_guild_id: int | None = Field(None, alias="DISCORD_GUILD_ID", gt=0)
    discord_message_content: bool = Field(False, alias="DISCORD_MESSAGE_CONTENT")

    @field_validator("data", "cache", "questions")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        """Take a relative path from the checkout, wherever the command is called."""
        return ROOT / path.expanduser()

    @property
    def has_model(self) -> bool:
        """Whether there is a model to ask: a key is set, or a server that may need none."""
        return bool(self.openai_api_key.get_secret_value()) or self.openai_base_url != OPENAI

    @property
    def rewrites(self) -> bool:
        """Whether a model says what to search for."""
        return self.search in ("rewrite", "both")

    @property
    def reranks(self) -> bool:
        """Whether a model puts in order what was found."""
        return self.search in ("rerank", "both")


@cache
def settings() -> Settings:
    """Read the settings. Raises SettingsError that names the setting and never its value."""
    try:
        return Settings()  # type: ignore[call-arg]  # the aliases are filled from the environment
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise SettingsError(f"{problem['loc'][0]}: {problem['msg']}. Correct it in .env or the environment.") from None
