"""May this driver take this trip: licence, papers, standing (49 CFR 382, 383, 391)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.coverage import Commerce, Coverage, LicenceNeed
from crossdock.comply.drivers.documents import Document, good_through
from crossdock.comply.drivers.rules import (
    CLEARINGHOUSE_MONTHS,
    ENGLISH_OUT_OF_SERVICE,
    HAZMAT_TRAINING_MONTHS,
    MEDICAL_MONTHS,
    MINIMUM_AGE,
    MVR_MONTHS,
    PROHIBITED_DOWNGRADE,
)
from crossdock.comply.period import Period, months_later
from crossdock.comply.verdict import Verdict, about, failed, not_checked, passed
from crossdock.model import InvalidValueError

COVERED_BY = {"A": "ABC", "B": "BC", "C": "C", "none": ""}
"""Classes of vehicle that a commercial licence of each class may drive (383.91(c))."""

_NAMES = {"mvr_review": "driving record review", "clearinghouse_query": "Clearinghouse query"}
_FILE = {
    "application": "application",
    "mvr_at_hire": "driving record at hire",
    "safety_history": "previous employers' answers",
    "road_test": "road test",
}


@dataclass(frozen=True)
class Driver:
    """What is known of a driver; None is not known.

    Attributes
    ----------
    cdl_class
        Class of the commercial licence, ``none`` for an ordinary licence.
    endorsements
        Letters; ``X`` stands for ``H`` and ``N``.
    disqualified
        Whether a disqualification is running (383.51, 391.15).
    clearinghouse
        ``clear`` or ``prohibited``.
    english
        Whether the driver reads and speaks English enough.
    """

    driver_id: str
    born: dt.date | None = None
    cdl_class: Literal["A", "B", "C", "none"] | None = None
    endorsements: tuple[str, ...] | None = None
    disqualified: bool | None = None
    clearinghouse: Literal["clear", "prohibited"] | None = None
    english: bool | None = None
    documents: tuple[Document, ...] = ()

    def __post_init__(self) -> None:
        unknown = set(self.endorsements or ()) - set("HNPSTX")
        if unknown:
            raise InvalidValueError(
                f"endorsement {min(unknown)!r} of driver {self.driver_id} is unknown",
                remedy="use the letters H, N, P, S, T, X",
            )


def driver_verdicts(
    driver: Driver,
    period: Period,
    coverage: Coverage,
    *,
    commerce: Commerce,
    hazmat: bool = False,
) -> tuple[Verdict, ...]:
    """Every rule on a driver that applies to a trip, each judged for all its days.

    Parameters
    ----------
    hazmat
        Whether hazardous materials are carried, placarded or not: who handles them is trained.

    Notes
    -----
    What a lighter vehicle does not need is not in the answer: see ``coverage.does_not_apply``.
    """
    judged = [_licence_held(driver, coverage.licence)]
    judged.append(_document(driver, period, "licence", "driver.licence_expiry", "49 CFR 383.73"))
    judged.append(_standing(driver))
    if coverage.licence is None or coverage.licence.cdl_class:
        judged.extend(_clearinghouse(driver, period))
    if coverage.regulated is not False:
        judged.extend(_qualification(driver, period, commerce))
    if hazmat:
        judged.append(
            _document(
                driver,
                period,
                "hazmat_training",
                "driver.hazmat_training",
                HAZMAT_TRAINING_MONTHS.citation,
            )
        )
    return about(driver.driver_id, judged)


def _licence_held(driver: Driver, need: LicenceNeed | None) -> Verdict:
    rule, citation = "driver.licence", "49 CFR 383.23, 383.91, 383.93"
    if need is None:
        return not_checked(rule, citation, "the ratings that decide the licence class are not told")
    if need.cdl_class is None:
        return passed(rule, citation, need.reason)
    if driver.cdl_class is None:
        return not_checked(rule, citation, f"the licence class is not told; {need.reason}")
    if need.cdl_class not in COVERED_BY[driver.cdl_class]:
        held = (
            "no commercial licence" if driver.cdl_class == "none" else f"class {driver.cdl_class}"
        )
        return failed(rule, citation, f"the driver holds {held}; {need.reason}")
    if need.endorsements:
        return _endorsed(driver, need, rule, citation)
    return passed(rule, citation, f"class {driver.cdl_class} is held; {need.reason}")


def _endorsed(driver: Driver, need: LicenceNeed, rule: str, citation: str) -> Verdict:
    needed = ", ".join(need.endorsements)
    if driver.endorsements is None:
        return not_checked(rule, citation, f"endorsements are not told; needed: {needed}")
    letters = "".join(driver.endorsements).replace("X", "HN")
    missing = [letter for letter in need.endorsements if letter not in letters]
    if missing:
        return failed(rule, citation, f"endorsement {', '.join(missing)} is missing")
    return passed(rule, citation, f"class {driver.cdl_class} with {needed} is held; {need.reason}")


def _standing(driver: Driver) -> Verdict:
    rule, citation = "driver.disqualification", "49 CFR 383.51, 391.15"
    if driver.disqualified is None:
        return not_checked(rule, citation, "whether the driver is disqualified is not told")
    if driver.disqualified:
        return failed(rule, citation, "the driver is disqualified")
    return passed(rule, citation, "no disqualification is running")


def _clearinghouse(driver: Driver, period: Period) -> Iterator[Verdict]:
    rule, citation = "driver.clearinghouse_status", "49 CFR 382.501, 382.701(d)"
    if driver.clearinghouse is None:
        yield not_checked(rule, citation, "the Clearinghouse status is not told")
    elif driver.clearinghouse == "prohibited":
        since = PROHIBITED_DOWNGRADE
        lost = since.holds_on(period.first_day)
        more = f", and the state downgrades the licence ({since.citation})" if lost else ""
        yield failed(rule, citation, f"the Clearinghouse prohibits the driver{more}")
    else:
        yield passed(rule, citation, "the Clearinghouse holds nothing against the driver")
    yield _document(
        driver,
        period,
        "clearinghouse_query",
        "driver.clearinghouse_query",
        CLEARINGHOUSE_MONTHS.citation,
    )


def _qualification(driver: Driver, period: Period, commerce: Commerce) -> Iterator[Verdict]:
    yield _document(
        driver,
        period,
        "medical_certificate",
        "driver.medical_certificate",
        f"49 CFR 391.41(a), {MEDICAL_MONTHS.citation.removeprefix('49 CFR ')}",
    )
    yield _document(driver, period, "mvr_review", "driver.mvr_review", MVR_MONTHS.citation)
    if commerce == "interstate":
        yield _age(driver, period)
    yield _english(driver, period)
    yield _file(driver, period)


def _age(driver: Driver, period: Period) -> Verdict:
    rule, citation = "driver.age", MINIMUM_AGE.citation
    if driver.born is None:
        return not_checked(rule, citation, "the date of birth is not told")
    years = int(MINIMUM_AGE.value)
    of_age = months_later(driver.born, 12 * years)
    if period.first_day < of_age:
        return failed(rule, citation, f"the driver is {years} only on {of_age}")
    return passed(rule, citation, f"the driver is {years} or older")


def _english(driver: Driver, period: Period) -> Verdict:
    rule, citation = "driver.english", ENGLISH_OUT_OF_SERVICE.citation
    if driver.english is None:
        return not_checked(rule, citation, "English proficiency is not told")
    if driver.english:
        return passed(rule, citation, "the driver reads and speaks English enough")
    stopped = ENGLISH_OUT_OF_SERVICE.holds_on(period.first_day)
    more = ": the driver would be put out of service" if stopped else ""
    return failed(rule, citation, f"the driver does not read and speak English enough{more}")


def _file(driver: Driver, period: Period) -> Verdict:
    rule, citation = "driver.file", "49 CFR 391.21, 391.23, 391.31, 391.51"
    held = {d.kind for d in driver.documents if d.issued <= period.first_day}
    missing = [name for kind, name in _FILE.items() if kind not in held]
    if missing:
        return not_checked(rule, citation, f"not in the file: {', '.join(missing)}")
    return passed(rule, citation, "the qualification file is whole")


def _document(driver: Driver, period: Period, kind: str, rule: str, citation: str) -> Verdict:
    """Whether a document of the kind is good on every day of the trip."""
    name = _NAMES.get(kind, kind.replace("_", " "))
    own = [document for document in driver.documents if document.kind == kind]
    if not own:
        return not_checked(rule, citation, f"no {name} is on file")
    last = good_through(own, kind, period.first_day)
    if last is None:
        past = [document.last_day for document in own if document.last_day < period.first_day]
        told = f"ended {max(past)}" if past else f"begins {min(d.issued for d in own)}"
        return failed(rule, citation, f"the {name} {told}; the trip begins {period.first_day}")
    if last < period.last_day:
        return failed(
            rule, citation, f"the {name} ends {last}, during the trip until {period.last_day}"
        )
    if last == dt.date.max:
        return passed(rule, citation, f"the {name} is good and has no last day")
    return passed(
        rule, citation, f"the {name} is good through {last}", holds_until=period.end_of(last)
    )
