"""Every knob of an installation, read once from the environment (prefix MARROWLINE_) or a `.env` file."""

from functools import lru_cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    label_font: str = Field(default="", description="TrueType file for labels and PDFs; empty means the built-in font")
    idle_minutes: int = 5
    session_hours: int = 12
    argon_time: int = 3
    argon_memory_kib: int = 64 * 1024

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@lru_cache
def settings() -> Settings:
    return Settings()
