"""The resource options that every part of a component gets."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from strata.stackfile.model import Timeouts


def part_of(
    parent: pulumi.Resource,
    *,
    after: Sequence[pulumi.Resource] = (),
    protect: bool = False,
    timeouts: Timeouts | None = None,
) -> pulumi.ResourceOptions:
    """Options of a custom resource inside a component.

    after    custom resources that have to be there first; never components, because an empty one loses its edge
    protect  whether `pulumi destroy` refuses to delete it
    """
    times = timeouts or Timeouts()
    return pulumi.ResourceOptions(
        parent=parent,
        depends_on=list(after),
        protect=protect,
        custom_timeouts=pulumi.CustomTimeouts(create=times.create, update=times.update, delete=times.delete),
        # A plain `pulumi import` makes the resource at the root; with this the program finds it there.
        aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)],
    )
