"""The pages of custody: storage, labels, places, a container with its kin, what is on its way."""

from fastapi import APIRouter

from backend.custody.pages import containers, labelling, places, storage

router = APIRouter()
for part in (storage, labelling, places, containers):
    router.include_router(part.router)
