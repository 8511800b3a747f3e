"""What can be done with plans: ask for one, read it, release it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from crossdock.platform.server.idempotency import id_of
from crossdock.platform.server.plans.asked import BUILT_IN, OverrideAsked, PlanAsked
from crossdock.platform.server.plans.edited import edited, network_figures
from crossdock.platform.server.plans.packing import PlanRecords, unpacked
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.store.database.jobs import Jobs
from crossdock.platform.store.database.orders import OrdersStore
from crossdock.platform.store.database.plans import (
    EditNotMadeError,
    OrdersTakenError,
    PlanEdits,
    PlansStore,
    StoredPlan,
)

if TYPE_CHECKING:
    from crossdock.measure import GateFault

PLAN = "plan"
PLAN_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {PLAN: "crossdock.platform.server.plans.job:make_plan"}
)
"""The kind of job that makes plans, for a `JobRunner`; its context is ``{network: folder}``."""

PLANS_AT_HAND = 4
FAULTS_SHOWN = 100


def _untold(principal: Principal, plan_id: str, record: Mapping[str, str]) -> None:
    """Tell nobody of an override; the release has it."""


class Plans:
    """The plans of all tenants of a server.

    Parameters
    ----------
    networks
        Names of the networks that a plan may be asked on, beside the built-in one.
    on_asked
        Called after a plan was asked for: wakes who makes it.
    on_release
        Called with tenant and plan id after a release, and again when that is asked again: takes
        the plan up where it is not yet.
    on_override
        Called for each fault that a plan went out with: who answers for it, plan id, record.
    """

    def __init__(
        self,
        plans: PlansStore,
        jobs: Jobs,
        orders: OrdersStore,
        *,
        edits: PlanEdits,
        networks: Collection[str] = (),
        on_asked: Callable[[], None],
        on_release: Callable[[str, str], None],
        on_override: Callable[[Principal, str, Mapping[str, str]], None] = _untold,
    ) -> None:
        self._plans, self._jobs, self._orders = plans, jobs, orders
        self._networks = {BUILT_IN, *networks}
        self._on_asked, self._on_release = on_asked, on_release
        self._on_override = on_override
        self._edits = edits
        self._at_hand: OrderedDict[tuple[str, str], tuple[int, PlanRecords]] = OrderedDict()
        self._hand = threading.Lock()

    def ask(self, principal: Principal, asked: PlanAsked, token: str) -> tuple[str, str]:
        """Have a plan made; returns the ids of plan and job, which grow from ``token``.

        Raises
        ------
        RefusedError
            The network is not known, an order is not there to be planned, or none is.
        """
        self._check(principal.tenant, asked)
        plan_id, job_id = id_of(token, PLAN), id_of(token, "job")
        request = {"plan_id": plan_id, "asked": asked.model_dump(mode="json")}
        self._plans.ask(
            self._jobs,
            principal.tenant,
            PLAN,
            request,
            plan_id=plan_id,
            job_id=job_id,
            asked_by=principal.actor,
        )
        self._on_asked()
        return plan_id, job_id

    def read(self, tenant: str, plan_id: str) -> StoredPlan:
        """One plan of a tenant, in figures of what it is after its edits.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        """
        plan = self._plans.read(tenant, plan_id)
        if plan.summary is None:
            return plan
        edit, figures = self._edits.figures(tenant, plan_id)
        if not edit:
            return plan
        if figures is None:  # who reads first after an edit measures for all others
            known, records = self.edition(tenant, plan_id)
            figures = network_figures(records)
            self._edits.keep_figures(tenant, plan_id, known, figures)
        return replace(plan, summary={**plan.summary, "kpis": figures})

    def state(self, tenant: str, plan_id: str) -> str:
        """planning, draft, released or failed; `NotFoundError` where there is no such plan."""
        return self._plans.read(tenant, plan_id).state

    def of_tenant(
        self, tenant: str, *, before: tuple[int, str] | None, limit: int
    ) -> list[StoredPlan]:
        """Plans of a tenant without their summaries, the newest first."""
        return self._plans.of_tenant(tenant, before=before, limit=limit)

    def records(self, tenant: str, plan_id: str) -> PlanRecords:
        """Tables, orders and network of a plan with its edits; the last few are kept at hand.

        Raises
        ------
        NotFoundError
            The tenant has no such plan, or it is not made.
        """
        return self.edition(tenant, plan_id)[1]

    def edition(self, tenant: str, plan_id: str) -> tuple[int, PlanRecords]:
        """`records`, and the number of the last edit in them."""
        key = (tenant, plan_id)
        last = self._edits.last(tenant, plan_id)
        with self._hand:
            known = self._at_hand.get(key)
            if known is not None:
                self._at_hand.move_to_end(key)
        if known is not None and known[0] >= last:
            return known
        number, records = known or (0, unpacked(self._plans.content(tenant, plan_id)))
        for edit in self._edits.of_plan(tenant, plan_id, after=number, until=last):
            records = edited(records, edit)
        with self._hand:
            self._at_hand[key] = (last, records)
            if len(self._at_hand) > PLANS_AT_HAND:
                self._at_hand.popitem(last=False)
        return last, records

    def earlier(self, tenant: str, plan_id: str, number: int) -> PlanRecords:
        """`records` as they were after the edit of a number; 0: as the plan was made."""
        records = unpacked(self._plans.content(tenant, plan_id))
        for edit in self._edits.of_plan(tenant, plan_id, until=number):
            records = edited(records, edit)
        return records

    def release(
        self, principal: Principal, plan_id: str, overrides: Sequence[OverrideAsked] = ()
    ) -> StoredPlan:
        """Release a draft that passes every gate; a released plan stays as it is.

        Parameters
        ----------
        overrides
            Faults that the principal answers for; kept with the release and told to
            ``on_override``.

        Raises
        ------
        NotFoundError
            The tenant has no such plan.
        RefusedError
            It is no draft, a gate is closed, or orders of it changed or are carried by another.
        InvalidValueError
            An override cannot be.
        """
        plan = self._plans.read(principal.tenant, plan_id)
        if plan.state == "draft":
            plan = self._pass_gates(principal, plan_id, overrides)
        if plan.state != "released":
            raise RefusedError(
                HTTPStatus.CONFLICT, f"the plan is {plan.state}; only a draft is released"
            )
        self._on_release(principal.tenant, plan_id)
        return plan

    def _check(self, tenant: str, asked: PlanAsked) -> None:
        if asked.network not in self._networks:
            said = f"is not known; use one of {', '.join(sorted(self._networks))}"
            raise _wrong("body.network", said)
        if asked.order_ids is None:
            if not self._orders.any_open(tenant):
                raise RefusedError(HTTPStatus.CONFLICT, "no stored order waits to be planned")
            return
        missing = set(asked.order_ids) - self._orders.open_ids(tenant, asked.order_ids)
        if missing:
            shown = ", ".join(sorted(missing)[:10])
            said = f"{len(missing):,} are not stored, or carried by a released plan: {shown}"
            raise _wrong("body.order_ids", said)

    def _pass_gates(
        self, principal: Principal, plan_id: str, asked: Sequence[OverrideAsked]
    ) -> StoredPlan:
        # Imported for a release alone: a server that plans nothing starts without it.
        from crossdock.measure import (  # noqa: PLC0415
            GateFault,
            Override,
            apart,
            not_checked,
            release_gates,
        )

        number, records = self.edition(principal.tenant, plan_id)
        overrides = [
            Override(each.gate, each.subject, principal.actor, each.reason) for each in asked
        ]
        faults, overridden = apart(release_gates(records.tables, records.network), overrides)
        if faults:
            raise _closed(faults)
        unchecked = not_checked(records.tables, records.network)
        told = [each.record() for each in overridden]
        try:
            plan = self._plans.release(
                principal.tenant,
                plan_id,
                released_by=principal.actor,
                record={"not_checked": unchecked, "overridden": told},
                edits=number,
            )
        except EditNotMadeError as error:
            raise RefusedError(HTTPStatus.CONFLICT, error.message) from error
        except OrdersTakenError as error:
            raise _closed(
                [GateFault("orders", *each, error.remedy) for each in error.taken]
            ) from error
        for each in told:
            self._on_override(principal, plan_id, each)
        return plan


def _wrong(place: str, said: str) -> RefusedError:
    name = place.rpartition(".")[2]
    return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{name}: {said}", errors=[(place, said)])


def _closed(faults: Sequence[GateFault]) -> RefusedError:
    """``gates``: the closed ones by name; ``faults``: what is not legal or not whole."""
    gates = list(dict.fromkeys(fault.gate for fault in faults))
    return RefusedError(
        HTTPStatus.CONFLICT,
        f"the plan is not released: {len(faults):,} faults at the gates {', '.join(gates)}",
        more={
            "gates": gates,
            "faults": [
                {
                    "gate": fault.gate,
                    "subject": fault.subject,
                    "what": fault.what,
                    "remedy": fault.remedy,
                }
                for fault in faults[:FAULTS_SHOWN]
            ],
            "faults_left_out": max(0, len(faults) - FAULTS_SHOWN),
        },
    )
