"""Every knob of an installation, read once from the environment (prefix MARROWLINE_) or a `.env` file."""

from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from labels.fonts import Fonts, load_fonts


class Settings(BaseSettings):
    """What a site can set; the defaults run the demonstration trial on one machine."""

    model_config = SettingsConfigDict(env_prefix="MARROWLINE_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = "sqlite:///marrowline.db"
    owner_url: str = Field(default="", description="PostgreSQL address of the owner of the tables; only `migrate` uses it")
    app_role: str = Field(default="", description="PostgreSQL role that serves; `migrate` grants it the least it needs")
    keys_dir: Path = Path("keys")
    templates_dir: Path = Path("batch_templates")
    trial: str = "nct06997939"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    time_zone: str = "Asia/Shanghai"
    language: Literal["en", "zh_CN"] = "en"
    label_font: str = Field(default="", description="TrueType file for what the built-in font of labels cannot draw, such as Chinese")
    idle_minutes: int = 5
    session_hours: int = 12
    argon_time: int = 3
    argon_memory_kib: int = 64 * 1024

    @field_validator("label_font")
    @classmethod
    def _can_be_used(cls, path: str) -> str:
        """A font that is missing or cannot be embedded is said at the start, and not by the first label."""
        load_fonts(_fonts(path))
        return path

    @property
    def fonts(self) -> Fonts:
        """What labels are drawn with."""
        return _fonts(self.label_font)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def _fonts(path: str) -> Fonts:
    return Fonts(han=Path(path)) if path else Fonts()


@lru_cache
def settings() -> Settings:
    return Settings()
