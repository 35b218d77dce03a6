"""Which test shows what of which kind. `test_every_kind` finds the gaps, `conftest` watches that each test does what it says.

drift         changed behind its back, a property is named and put back. Which properties: those that the test's own cases name
              (`path`, `paths`, or the keys of `case.found`), else `properties`
imported      read by its id alone, it gives inputs and outputs
disappeared   taken away behind its back, it is read as gone, and the next run makes it again
repeated      a create whose answer was lost makes no second one
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from strata.provider.kind import Kind
from strata.provider.registry import KINDS

_BEHIND = "test_what_somebody_else_changed_is_named_and_repaired"
_BY_THAT_ALONE = f"{_BEHIND}_by_that_change_alone"


class Duty(Enum):
    """What a kind owes."""

    DRIFT = "drift"
    IMPORTED = "imported"
    DISAPPEARED = "disappeared"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Proof:
    """One test, as `folder/module::test`."""

    duty: Duty
    test: str
    properties: tuple[str, ...] = ()
    repaired: bool = True
    """False where the kind names the drift and waits or refuses instead of changing anything."""


@dataclass(frozen=True)
class NotOwed:
    """A duty that the kind can't have."""

    duty: Duty
    because: str


def _drift(test: str, *properties: str, repaired: bool = True) -> Proof:
    return Proof(Duty.DRIFT, test, properties, repaired)


def _others(module: str, imported: str, repeated: str, disappeared: str = "") -> tuple[Proof, ...]:
    """The proofs of a kind in its own module; without a name, its disappearing is a case of `test_disappeared`."""
    there = f"{module}::{disappeared}"
    if not disappeared:
        there = f"{module.split('/')[0]}/test_disappeared::test_what_disappeared_is_gone_and_made_again"
    return (
        Proof(Duty.IMPORTED, f"{module}::{imported}"),
        Proof(Duty.REPEATED, f"{module}::{repeated}"),
        Proof(Duty.DISAPPEARED, there),
    )


_IMPORT = "test_an_import_gives_what_a_create_gave"
_IMPORT_KNOWS = "test_an_import_knows_what_the_create_knew"
_DECLARED = "test_an_import_gives_what_was_declared"
_DRIFT = "test_drift_is_named_and_repaired"

SUITE: Mapping[str, tuple[Proof | NotOwed, ...]] = {
    "strata:ontap:ExportPolicy": (
        _drift(f"ontap/test_export_policy::{_BEHIND}"),
        _drift("ontap/test_export_policy::test_a_name_that_somebody_else_changed_is_put_back", "name"),
        *_others(
            "ontap/test_export_policy",
            "test_an_import_by_name_gives_what_a_create_gave",
            "test_a_lost_answer_to_the_create_makes_no_second_policy",
            "test_one_that_disappeared_is_made_again",
        ),
    ),
    "strata:ontap:Volume": (
        _drift(f"ontap/test_volume::{_BEHIND}"),
        _drift("ontap/test_volume::test_a_policy_that_somebody_else_exchanged_is_put_back"),
        _drift(
            "ontap/test_volume::test_dedupe_switched_off_behind_its_back_comes_back_with_what_hangs_on_it",
            "efficiency",
        ),
        _drift(
            "ontap/test_volume::test_a_volume_that_was_moved_is_drift_and_never_replaced",
            "aggregate",
            repaired=False,
        ),
        Proof(Duty.IMPORTED, f"ontap/test_volume::{_IMPORT}"),
        Proof(Duty.DISAPPEARED, "ontap/test_volume::test_one_that_disappeared_is_made_again"),
        Proof(Duty.REPEATED, "ontap/test_faults::test_a_create_is_never_repeated_blindly"),
    ),
    "strata:host:Mount": (
        _drift(f"host/test_mount::{_DRIFT}"),
        *_others(
            "host/test_mount",
            _DECLARED,
            "test_a_create_repeated_after_a_lost_answer_makes_no_second_line",
            "test_one_that_disappeared_is_made_again",
        ),
    ),
    "strata:glance:ImageMigration": (
        _drift(f"glance_migration/test_move::{_DRIFT}"),
        _drift(
            "glance_migration/test_move::test_old_files_go_when_they_need_not_be_kept_any_more", "keepSource"
        ),
        *_others(
            "glance_migration/test_move",
            _DECLARED,
            "test_a_create_repeated_after_a_lost_answer_stops_nothing",
            "test_one_whose_record_disappeared_is_made_again",
        ),
    ),
    "strata:glance:FilesystemStore": (
        _drift(f"host/test_filesystem_store_drift::{_DRIFT}"),
        *_others(
            "host/test_filesystem_store",
            _DECLARED,
            "test_a_create_repeated_after_a_lost_answer_changes_nothing",
            "test_one_that_disappeared_is_made_again",
        ),
    ),
    "strata:swift:Account": (
        _drift(f"swift/test_account::{_DRIFT}"),
        Proof(Duty.IMPORTED, f"swift/test_account::{_DECLARED}"),
        Proof(Duty.REPEATED, "swift/test_account::test_a_lost_answer_is_made_good_by_the_next_run"),
        NotOwed(Duty.DISAPPEARED, "Swift has every account; what can be taken away are its values: drift"),
    ),
    "strata:swift:Container": (
        _drift(f"swift/test_container::{_DRIFT}"),
        *_others(
            "swift/test_container",
            _DECLARED,
            "test_a_lost_answer_makes_no_second_one_and_no_stranger",
            "test_a_container_that_disappeared_is_made_again",
        ),
    ),
    "strata:cloudstack:Zone": (
        _drift(f"cloudstack/test_zone::{_BEHIND}"),
        *_others("cloudstack/test_zone", _IMPORT, "test_a_lost_answer_makes_no_second_zone"),
    ),
    "strata:cloudstack:Pod": (
        _drift(f"cloudstack/test_pod::{_BEHIND}"),
        *_others("cloudstack/test_pod", _IMPORT, "test_a_lost_answer_makes_no_second_pod"),
    ),
    "strata:cloudstack:Cluster": (
        _drift(
            "cloudstack/test_cluster::test_a_name_that_somebody_else_changed_is_named_and_repaired", "name"
        ),
        *_others("cloudstack/test_cluster", _IMPORT, "test_a_lost_answer_makes_no_second_cluster"),
    ),
    "strata:cloudstack:Host": (
        _drift("cloudstack/test_host::test_tags_that_somebody_else_changed_are_named_and_repaired", "tags"),
        *_others("cloudstack/test_host", _IMPORT, "test_a_lost_answer_makes_no_second_host"),
    ),
    "strata:cloudstack:PrimaryStorage": (
        _drift(f"cloudstack/test_primary_storage::{_BEHIND}"),
        *_others("cloudstack/test_primary_storage", _IMPORT, "test_a_lost_answer_makes_no_second_storage"),
    ),
    "strata:cloudstack:ZoneState": (
        _drift(
            "cloudstack/test_zone_state::test_a_zone_that_somebody_disabled_is_named_and_enabled_again",
            "state",
        ),
        _drift(
            "cloudstack/test_zone_state::test_what_keeps_system_vms_away_is_named_and_the_next_run_goes_on",
            "systemVmsReady",
            repaired=False,
        ),
        Proof(Duty.IMPORTED, f"cloudstack/test_zone_state::{_IMPORT}"),
        Proof(Duty.REPEATED, "cloudstack/test_zone_state::test_a_lost_answer_is_looked_after"),
        NotOwed(
            Duty.DISAPPEARED, "it is a state of a zone, and gone only with the zone, which is made first"
        ),
    ),
    "strata:cloudstack:PhysicalNetwork": (
        _drift(f"cloudstack/test_physical_network::{_BY_THAT_ALONE}"),
        *_others(
            "cloudstack/test_physical_network",
            _IMPORT_KNOWS,
            "test_a_lost_answer_to_the_create_makes_no_second_network",
        ),
    ),
    "strata:cloudstack:GuestNetwork": (
        _drift(f"cloudstack/test_guest_network::{_BY_THAT_ALONE}"),
        *_others(
            "cloudstack/test_guest_network",
            _IMPORT_KNOWS,
            "test_a_lost_answer_to_the_create_makes_no_second_network",
        ),
    ),
    "strata:cloudstack:PublicIpRange": (
        _drift(f"cloudstack/test_public_ip_range::{_BY_THAT_ALONE}"),
        *_others(
            "cloudstack/test_public_ip_range",
            _IMPORT_KNOWS,
            "test_a_lost_answer_to_the_create_makes_no_second_range",
        ),
    ),
    "strata:cloudstack:StorageIpRange": (
        _drift(f"cloudstack/test_storage_ip_range::{_BY_THAT_ALONE}"),
        *_others(
            "cloudstack/test_storage_ip_range",
            _IMPORT_KNOWS,
            "test_a_lost_answer_to_the_create_makes_no_second_range",
        ),
    ),
    "strata:cloudstack:GlobalSetting": (
        _drift(
            "cloudstack/test_global_setting::test_a_changed_value_is_drift_and_repaired_by_one_call", "value"
        ),
        Proof(
            Duty.IMPORTED,
            "cloudstack/test_global_setting::test_an_imported_setting_keeps_its_value_when_it_is_deleted",
        ),
        Proof(Duty.REPEATED, "cloudstack/test_global_setting::test_a_lost_answer_is_looked_after"),
        NotOwed(Duty.DISAPPEARED, "settings come with the release, and nobody can take one away"),
    ),
    "strata:cloudstack:ImageStore": (
        _drift(f"cloudstack/test_image_store::{_DRIFT}"),
        _drift(
            "cloudstack/test_image_store::test_an_account_that_moved_shows_the_urls",
            "account",
            repaired=False,
        ),
        _drift(
            "cloudstack/test_image_store::test_another_storage_policy_is_refused_at_preview",
            "storagePolicy",
            repaired=False,
        ),
        *_others(
            "cloudstack/test_image_store",
            "test_it_is_imported_by_id_and_by_a_name_that_is_unique",
            "test_a_lost_answer_to_the_add_makes_no_second_store",
        ),
    ),
    "strata:cloudstack:StagingStore": _others(
        "cloudstack/test_staging_store",
        "test_added_in_one_call_and_the_same_again_is_no_change",
        "test_a_lost_answer_makes_no_second_store",
        "test_one_that_disappeared_is_made_again",
    ),
    "strata:cloudstack:ZoneSet": (
        _drift("cloudstack/test_zone_set::test_a_zone_that_disappeared_is_one", "zones", repaired=False),
        _drift("cloudstack/test_zone_set::test_it_is_imported_under_its_one_name", "noted"),
        Proof(Duty.IMPORTED, "cloudstack/test_zone_set::test_it_is_imported_under_its_one_name"),
        NotOwed(Duty.DISAPPEARED, "there is always the set of all zones, be it empty"),
        NotOwed(Duty.REPEATED, "its create asks the server for nothing"),
    ),
}
BY_TOKEN: Mapping[str, type[Kind[Any, Any]]] = {kind.token: kind for kind in KINDS}


def property_of(path: str) -> str:
    """`efficiency` of `efficiency.compaction`, `rules` of `rules[0].clients`."""
    return path.split(".")[0].split("[")[0]


def named_by(case: Mapping[str, Any]) -> frozenset[str]:
    """The properties that one case of a parametrised test names."""
    paths: list[str] = [case["path"]] if isinstance(case.get("path"), str) else []
    paths += case.get("paths") or []
    paths += list(getattr(case.get("case"), "found", {}))
    return frozenset(property_of(path) for path in paths)
