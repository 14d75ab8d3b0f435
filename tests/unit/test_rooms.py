"""The picture of the rooms in docs/architecture.md is drawn from the code as it is."""

import runpy

from orchestration.ground.home import REPOSITORY


def test_the_picture_of_the_rooms_is_of_this_code():
    rooms = runpy.run_path(str(REPOSITORY / "docs" / "rooms.py"))
    drawn = rooms["PICTURE"].read_text(encoding="utf-8")
    assert drawn == rooms["drawing"](), "python docs/rooms.py"
