"""What the documentation leaves open, decided once and here, each with its reason. No client may lean on any of it."""

from __future__ import annotations

JUNCTION_IN_USE = "917536"
"""The code tables have none for a junction path already in use: the job's catch-all, with the reason in the words."""

JUNCTION_PARENT_MISSING = "918252"
"""Nor for a missing parent: the nearest documented meaning, `nas.path` is invalid."""

NO_SPACE = "460770"
"""No dedicated code for a full aggregate with a FlexVol: the job fails, with the reason in the words."""

SHRINK_BELOW_USED = "917536"
"""No code confirmed for shrinking below the used space: the job's catch-all."""

UNKNOWN_EFFICIENCY_POLICY = "4"
"""No meaning is documented for an unknown efficiency policy: the generic "entry doesn't exist"."""

QOS_POLICY_IN_USE = "8"
"""The generic code for "in use"; its number comes from memory."""

UNAUTHORIZED = "6691623"
"""The HTTP status 401 is certain, this code with it is not."""

UNKNOWN_FIELD_ASKED = "262197"
"""An unknown name in `fields`: an invalid value of the field `fields`, as for every other bad value."""

TAGS_SINCE = (9, 13)
"""`_tags` came with "newer releases"; the client's documentation shows it from 9.13.1 on."""

RECOVERY_QUEUE_HOURS = 12
"""How long a deleted volume stays recoverable; the default of the command line, not documented for REST."""

FILTERS_ARE_NOT_RETURNED = True
"""Whether a field used as a filter is also returned: no, so that a client must ask for what it reads."""

FAILED_WITHIN_TIMEOUT_STATUS = 400
"""A job that fails within `return_timeout` answers the request with its error; the HTTP status is a guess."""

RULE_INDEXES_KEEP_GAPS = True
"""After a rule was deleted the others keep their index; `new_index` renumbers from 1."""

SIZE_MINIMUM = 20 * 2**20
"""Documented as default and minimum; the code that a smaller one gets is documented, the status is not."""

QOS_POLICY_MISSING = "8454210"
"""The only documented code about a volume's QoS workload; whether a missing policy gets it is not said."""

AUTOSIZE_FOLLOWS_SIZE = True
"""Autosize limits nobody set are shown as size (minimum) and 120 % of size (maximum)."""
