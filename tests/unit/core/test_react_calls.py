"""A call that ended is written down, whatever else holds; the router that writes in AstDB then takes it out there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core.effects import ClearCall, KeepCall
from router.core.signals import CallEnded, CallKept
from tests.unit.core.call_rows import call
from tests.unit.core.play import Play


def test_a_call_is_kept_with_the_pbx_in_sight_and_without() -> None:
    play = Play()
    for _ in ("out of sight", "in sight"):
        effects = play.say(CallEnded(call(), 17))
        assert [effect for effect in effects if isinstance(effect, KeepCall)] == [KeepCall(call(), 17)]
        play.connect()


def test_a_call_moves_no_route() -> None:
    play = Play().connect()
    before = play.office
    play.say(CallEnded(call(), 17))
    assert play.office == before


def test_once_it_is_kept_its_slot_is_cleared() -> None:
    play = Play().connect()
    effects = play.say(CallKept(call().id, 17))
    assert [effect for effect in effects if isinstance(effect, ClearCall)] == [ClearCall(call().id, 17)]


@pytest.mark.parametrize("slot", [None, 17])
def test_without_a_slot_or_a_pbx_there_is_nothing_to_clear(slot: int | None) -> None:
    play = Play() if slot else Play().connect()
    assert not [effect for effect in play.say(CallKept(call().id, slot)) if isinstance(effect, ClearCall)]


def test_a_router_that_only_reads_leaves_the_ring_to_the_one_that_writes() -> None:
    play = Play().connect()
    play.office = replace(play.office, other_writer="router-2")
    assert not [effect for effect in play.say(CallKept(call().id, 17)) if isinstance(effect, ClearCall)]
