"""CloudStack's store for the whole cloud on Swift: images, snapshots and volumes of all zones.

Identity   CloudStack's id. Names are not unique; the declared store is the one with the name and URL of the declaration.
Drifts     name, readOnly, account (by its authUrl). Credentials and storage policy can't be read back, nor can the capacity.
Replaces   nothing: a store is never replaced silently. Another account is refused before any change.
Import     `pulumi import strata:cloudstack:ImageStore NAME ID`, or the store's name where only one has it.
Deleting   refused while templates, snapshots or volumes of users are in it; the containers in Swift stay. Up to 4.1
           CloudStack has no command that removes or changes a Swift.
Source     CloudStack API: addImageStore (4.2 and later) or addSwift (3.0 to 4.1), updateImageStore, deleteImageStore.
"""

from __future__ import annotations

from typing import Any, ClassVar

from strata.clients.cloudstack import Document, same_url
from strata.clients.cloudstack_errors import INVALID, LostAnswer, Refused
from strata.errors import Failed
from strata.provider import codec
from strata.provider.diff import Difference
from strata.provider.kind import Observed, Operation
from strata.provider.kinds import cloudstack_image_store_preflight as before
from strata.provider.kinds.cloudstack_image_store_args import ImageStoreArgs, ImageStoreOutputs
from strata.provider.kinds.cloudstack_object import CloudStackObject, text
from strata.provider.kinds.cloudstack_store_content import first_names, users_things

_ACCOUNT = "account"
_POLICY = "storagePolicy"
_OR = " or "


class ImageStore(CloudStackObject[ImageStoreArgs, ImageStoreOutputs]):
    """cloudstack:ImageStore."""

    token: ClassVar[str] = "strata:cloudstack:ImageStore"
    Args: ClassVar[type] = ImageStoreArgs
    Outputs: ClassVar[type] = ImageStoreOutputs
    noun: ClassVar[str] = "image store"
    command: ClassVar[str] = "listImageStores"

    def called(self, args: ImageStoreArgs) -> str:
        """Its name, else what CloudStack makes the name."""
        return args.name or self._url(args.account)

    def same(self, path: str, declared: Any, actual: Any) -> bool:
        """Up to 4.1 a Swift has no name and can't be read-only."""
        return actual is None and (path == "name" or (path == "readOnly" and declared is False))

    def tolerates(self, difference: Difference, declared: dict[str, Any], outputs: dict[str, Any]) -> bool:
        """Of accounts that share an authUrl the store has the one that it was added with; so it is with the storage policy."""
        memory = outputs.get("memory", {})
        if difference.path == _POLICY:
            return memory.get(_POLICY) in (None, difference.declared)
        used = memory.get(_ACCOUNT)
        candidates = str(difference.actual).split(_OR)
        return (
            difference.path == _ACCOUNT
            and difference.declared in candidates
            and used in (None, difference.declared)
        )

    async def every(self) -> list[Document]:
        """All stores: a list filtered by zone would hide those of the region."""
        legacy = await self.api.era() == "legacy"
        return await self.api.rows("listSwifts" if legacy else self.command)

    async def found(self, id: str) -> Document | None:
        """The older listSwifts takes no id."""
        if await self.api.era() == "legacy":
            return next((row for row in await self.every() if row.get("id") == id), None)
        row = await super().found(id)
        if row is not None and row.get("providername") != "Swift":
            raise Failed(
                f"The image store {id} of CloudStack is of the provider {row.get('providername')}, and not of Swift."
            )
        return row

    async def observed(self, row: Document) -> Observed[ImageStoreArgs, ImageStoreOutputs]:
        """Which account it is can only be told by the URL."""
        url, era = text(row, "url") or "", await self.api.era()
        modern = era == "modern"
        actual = ImageStoreArgs(
            account=self._account_of(url),
            name=text(row, "name") if modern else None,
            read_only=bool(row.get("readonly")) if modern else None,
        )
        return Observed(str(row["id"]), actual, ImageStoreOutputs(url, era, text(row, "scope") or "REGION"))

    async def alike(self, args: ImageStoreArgs) -> list[Document]:
        """Those with the declared name; those with the declared URL where none has the name (names are none up to 4.1)."""
        stores = await self.every()
        named = [row for row in stores if row.get("name") == self.called(args)]
        return named or [row for row in stores if same_url(row.get("url"), self._url(args.account))]

    async def preflight(self, args: ImageStoreArgs, op: Operation) -> None:
        """All that CloudStack would not look at, before anything is changed; see cloudstack_image_store_preflight."""
        if args.after_restart and not op.preview:
            await self.api.wait_until_answers(op.deadline, op.progress)
        swift = self._connections.swift(args.account)
        swift.cloudstack_details()
        era = await self.api.era()
        before.check_era(args, era, self.api.endpoint)
        stores = await self.every()
        if era == "modern":
            before.check_provider(stores)
        there = await self.alike(args)
        self._check_there(args, there)
        before.check_single(args, stores, there)
        await super().preflight(args, op)
        restarts_before = op.preview and args.after_restart
        if not there and era == "legacy" and not restarts_before:
            await before.check_enabled(self.api)
        zones = [] if there else await before.check_zones(self.api, args, op)
        # A preview writes nothing: there the account is read, and the probe object is left to the run itself.
        await (swift.account() if op.preview else swift.prove())
        if there:
            await before.warn_of_credentials(self.called(args), str(there[0]["id"]), op)
        elif era == "modern":
            await before.warn_of_missing_template(self.api, args, zones, op)

    def _check_there(self, args: ImageStoreArgs, there: list[Document]) -> None:
        """A store of that name has another URL, or the other way round: neither is ours to change."""
        url = self._url(args.account)
        for row in there:
            if not same_url(row.get("url"), url):
                raise Failed(
                    f"The image store {row.get('name')} ({row['id']}) of CloudStack has the URL {row.get('url')}, and not "
                    f"{url} of the Swift account {args.account}; a store's URL can't be changed. {before.UNTOUCHED} "
                    "Declare the account that it has, or delete it in CloudStack."
                )
            user = row.get(_ACCOUNT)
            if (
                user is not None
                and user not in self._connections.swift(args.account).cloudstack_details()[1:3]
            ):
                raise Failed(
                    f"The Swift {row.get('url')} ({row['id']}) of CloudStack has the user {user}, and not the one of the account "
                    f"{args.account}; releases up to 4.1 can't change it. {before.UNTOUCHED} Declare the account that it has."
                )

    async def create(self, args: ImageStoreArgs, op: Operation) -> str:
        """The account is remembered: others of the stack file may have the same URL."""
        op.memory[_ACCOUNT] = args.account
        id = await super().create(args, op)
        row = await self.found(id) if args.read_only else None
        if row is not None and not row.get("readonly"):
            op.exists(id)
            await self._change(id, {"readonly": True}, args, op)
        return id

    def left_behind(self, args: ImageStoreArgs, row: Document) -> bool:
        """A store of that name that somebody added meanwhile has hardly the same URL."""
        return same_url(row.get("url"), self._url(args.account))

    async def warn_of_refusal(self, args: ImageStoreArgs, id: str, error: Refused, op: Operation) -> None:
        """The row was written before what failed, perhaps without its credentials."""
        await super().warn_of_refusal(args, id, error, op)
        await before.warn_of_credentials(self.called(args), id, op)

    async def add(self, args: ImageStoreArgs, op: Operation) -> str:
        """addImageStore, or addSwift where there is none; the key is in no message."""
        url, account, username, key = self._connections.swift(args.account).cloudstack_details()
        doing = f"adding the Swift store {self.called(args)} for the whole cloud"
        given: dict[str, Any] = {"account": account, "username": username, "key": key}
        if await self.api.era() == "legacy":
            answer = await self.api.write("addSwift", doing, op.deadline, hide=[key], url=url, **given)
            return str(answer["swift"]["id"])
        if args.storage_policy:
            given["storagepolicy"] = args.storage_policy
        op.memory[_POLICY] = args.storage_policy or ""
        details = [{"key": name, "value": value} for name, value in given.items()]
        answer = await self.api.write(
            "addImageStore",
            doing,
            op.deadline,
            hide=[key],
            provider="Swift",
            name=self.called(args),
            url=url,
            details=details,
        )
        return str(answer["imagestore"]["id"])

    async def foresee(self, id: str, args: ImageStoreArgs, changes: list[Difference], op: Operation) -> None:
        """Only the name and read-only can be changed."""
        if any(one.property == _ACCOUNT for one in changes):
            actual = next(one.actual for one in changes if one.property == _ACCOUNT)
            raise Failed(
                f"The image store {self.called(args)} ({id}) is on {actual}, and CloudStack can't change the URL or account "
                f"of a store to those of {args.account}. {before.UNTOUCHED} Put `account` back to what it was; or, while the "
                "store holds nothing, destroy it and add it anew. What it holds does not move to another account by itself."
            )
        if any(one.property == _POLICY for one in changes):
            raise Failed(
                f"The image store {self.called(args)} ({id}) was added with the storage policy "
                f"{op.memory.get(_POLICY) or 'that is the default'}, and CloudStack can't change it to {args.storage_policy}. "
                f"{before.UNTOUCHED} Put `storagePolicy` back; or, while the store holds nothing, destroy it and add it anew."
            )
        if changes and await self.api.era() == "legacy":
            raise Failed(
                f"The Swift {id} of CloudStack can't be changed: releases up to 4.1 have no command for it. {before.UNTOUCHED}"
            )
        if any(one.property == "name" for one in changes):
            taken = [row for row in await self.every() if row.get("name") == args.name and row["id"] != id]
            if taken:
                raise Failed(
                    f"The image store {id} can't be named {args.name}: the store {taken[0]['id']} has that name, and CloudStack "
                    f"would take it twice. {before.UNTOUCHED} Choose another name."
                )

    async def update(self, id: str, args: ImageStoreArgs, changes: list[Difference], op: Operation) -> None:
        """What changed, in one call."""
        declared, spelled = codec.encode(args), {"name": "name", "readOnly": "readonly"}
        params = {spelled[one.property]: declared[one.property] for one in changes if one.property in spelled}
        if params:
            await self._change(id, params, args, op)

    async def _change(self, id: str, params: dict[str, Any], args: ImageStoreArgs, op: Operation) -> None:
        doing = f"changing {', '.join(sorted(params))} of the image store {self.called(args)}"
        try:
            await self.api.write("updateImageStore", doing, op.deadline, id=id, **params)
        except LostAnswer:
            row = await self.found(id) or {}
            if any(str(row.get(key)).lower() != str(value).lower() for key, value in params.items()):
                raise

    async def delete(self, id: str, args: ImageStoreArgs, op: Operation) -> None:
        """Never what holds users' things; gone is success."""
        row = await self.found(id)
        if row is None:
            return
        called = str(row.get("name") or row.get("url"))
        if await self.api.era() == "legacy":
            raise Failed(
                f"The Swift {called} ({id}) is not removed: CloudStack up to 4.1 has no command for it. {before.UNTOUCHED} "
                "Leave it in CloudStack and take it out of the stack with `pulumi state delete`."
            )
        if things := await users_things(self.api, id):
            raise Failed(
                f"The image store {called} ({id}) is not deleted, because it holds {first_names(things)}. {before.UNTOUCHED} "
                "Delete them or move them away first, then repeat."
            )
        try:
            doing = f"deleting the image store {called} (its containers in Swift stay)"
            await self.api.write("deleteImageStore", doing, op.deadline, id=id)
        except Refused as error:
            if error.code == INVALID and not error.says_gone:
                raise Failed(f"{error} Delete in CloudStack what it names, then repeat.") from error
            if not error.says_gone:
                raise
        except LostAnswer:
            if await self.found(id) is not None:
                raise

    def _url(self, account: str) -> str:
        return self._connections.swift(account).auth_url

    def _account_of(self, url: str) -> str:
        """The names of the accounts with that URL, else the URL itself."""
        names = []
        for name in self._connections.swift_accounts:
            try:
                if same_url(self._url(name), url):
                    names.append(name)
            except Failed:
                continue  # another account's address can't be had; it is not this resource's trouble
        return _OR.join(sorted(names)) or url
