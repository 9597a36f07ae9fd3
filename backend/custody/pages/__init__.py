"""The pages of custody: storage, labels, places, badges, a container with its kin, what is on its way."""

from fastapi import APIRouter

from backend.custody.pages import badges, containers, labelling, places, storage

router = APIRouter()
for part in (storage, labelling, places, containers, badges):
    router.include_router(part.router)
