"""For machines that look after us, without a login: /healthz, /readyz and /metrics. No telephone number leaves here."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from router.core.health import State
from router.core.office import Office
from router.core.sentence import Sentence, say
from router.panel import guard, language
from router.panel.deps import panel_of
from router.ports import Board

routes = APIRouter(dependencies=[Depends(guard.anyone())], include_in_schema=False)

ASKED = ["GET", "HEAD"]
"""Watchers of machines ask with HEAD as often as with GET."""


@routes.api_route("/healthz", methods=ASKED)
async def alive() -> PlainTextResponse:
    return PlainTextResponse("alive\n")


@routes.api_route("/readyz", methods=ASKED)
async def ready(request: Request) -> JSONResponse:
    """200 while the PBX is in sight and its routes are ours to write; else 503 with the reason."""
    why = _not_ready(panel_of(request).office)
    if why is None:
        return JSONResponse({"ready": True})
    return JSONResponse({"ready": False, "why": language.speech_for(request).render(why)}, 503)


@routes.api_route("/metrics", methods=ASKED)
async def metrics(request: Request) -> Response:
    registry = CollectorRegistry()
    registry.register(_Figures(panel_of(request).deps.board))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _not_ready(office: Office) -> Sentence | None:
    if not office.pbx.connected:
        return office.pbx.why
    if office.other_writer:
        return say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=office.other_writer)
    return None


class _Figures(Collector):
    """Figures of the office as it is at the scrape."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        office = self._board.office
        yield from _of_office(office)
        yield from _of_trunks(office)


def _of_office(office: Office) -> Iterator[Metric]:
    plan = office.route.plan
    figures = (
        ("failover_pbx_connected", "1 while Asterisk is in sight over AMI.", float(office.pbx.connected)),
        ("failover_pbx_login_refused", "1 while Asterisk refuses our AMI login.", float(office.pbx.refused)),
        ("failover_read_only", "1 while another router writes the routes.", float(bool(office.other_writer))),
        ("failover_route_verified", "1 while the dialplan has confirmed the route.", float(office.route.verified)),
        ("failover_route_plan", "Number of the plan handed out last.", float(plan.id if plan else 0)),
        ("failover_route_switch_seconds", "How long the last switch took, verified.", office.route.seconds),
        ("failover_overrides", "Orders of staff that are in force.", float(_orders(office))),
    )  # fmt: skip
    for name, text, value in figures:
        figure = GaugeMetricFamily(name, text, labels=["office"])
        figure.add_metric([office.site.id], value)
        yield figure
    switches = CounterMetricFamily("failover_plans", "Plans handed out to the PBX over all time.", labels=["office"])
    switches.add_metric([office.site.id], float(office.next_plan - 1))
    yield switches


def _orders(office: Office) -> int:
    return len({id(decision.word) for decision in office.decisions if decision.word})


def _of_trunks(office: Office) -> Iterator[Metric]:
    states = _by_trunk("failover_trunk_state", "1 for the state a trunk is in.", "state")
    moved = _by_trunk(
        "failover_trunk_switches_last_hour", "How often a trunk's calls moved, there and back, in an hour."
    )
    answer = _by_trunk("failover_trunk_rtt_seconds", "Round trip of the last answered OPTIONS.")
    for name, trunk in office.trunks.items():
        for state in State:
            states.add_metric([office.site.id, name, state.value], float(trunk.health.state is state))
        moved.add_metric([office.site.id, name], float(len(trunk.health.switches)))
        if trunk.evidence.rtt_us:  # Asterisk says 0 of a contact that is silent
            answer.add_metric([office.site.id, name], trunk.evidence.rtt_us / 1e6)
    yield from (states, moved, answer)


def _by_trunk(name: str, text: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, labels=["office", "trunk", *more])
