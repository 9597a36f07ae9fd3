"""The JSON schemas of the trial folder, generated from the models so that editors complete and check what the reader will accept.

Run `python -m backend.trial.rules.schema` after a model changed; a test holds the files to the models.
"""

import json
from pathlib import Path

from backend.trial.rules.folder import MODELS

FOLDER = Path(__file__).resolve().parents[3] / "batch_templates" / "schema"


def schemas() -> dict[str, str]:
    """The text of each schema by its file name."""
    made = {}
    for name, model in MODELS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema(by_alias=True)}
        made[name.replace(".yaml", ".json")] = json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    return made


def write_schemas(folder: Path = FOLDER) -> None:
    """Every schema is in this directory as the models have it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":  # pragma: no cover
    write_schemas()
