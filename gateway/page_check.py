"""The page check: is a page ready for clicks from TikTok? Judged purely on top, carried out below.

Meta's order of precedence is API ice breakers, then the Get Started button, so a page with its FAQ on never sends the
press by which a new customer's click arrives:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api/ice-breakers
"""

from typing import Final

import structlog
from cryptography.fernet import InvalidToken
from msgspec.structs import replace

from actors.page_checks import Finding, PageCheck, PageChecks
from gateway.graph import Graph, GraphError, Profile
from gateway.vault import Vault

NEEDED_FIELDS: Final = ("messages", "message_echoes", "messaging_postbacks", "messaging_referrals", "standby")
"""The webhook fields without which clicks or messages go unseen."""

log = structlog.get_logger()


def judge(now: int, profile: Profile | GraphError, fields: frozenset[str] | GraphError) -> PageCheck:
    """Judge what Meta told (or did not tell) at `now` (ms, UTC). What is not known is neither passed nor failing."""
    check = PageCheck(now)
    if isinstance(profile, Profile):
        check = replace(
            check,
            greeting=_found(profile.greeting),
            faq_off=_found(not profile.ice_breakers),
            get_started=_found(profile.get_started),
        )
    if isinstance(fields, frozenset):
        missing = tuple(field for field in NEEDED_FIELDS if field not in fields)
        check = replace(check, webhook_fields=_found(not missing), missing_fields=missing)
    errors = [told.obstacle for told in (profile, fields) if isinstance(told, GraphError)]
    return replace(check, obstacle=errors[0]) if errors else check


def _found(good: bool) -> Finding:  # noqa: FBT001  its one argument is the finding
    return "passed" if good else "failing"


class PageChecker:
    """Checks pages at Meta, and keeps what was found."""

    def __init__(self, graph: Graph, checks: PageChecks, vault: Vault) -> None:
        """Join the parts."""
        self._graph = graph
        self._checks = checks
        self._vault = vault

    async def check(self, page_id: str, brought: str | None, now: int) -> PageCheck:
        """Check a page with the token that was brought, or else the one it left (both ciphertext). `now` is ms, UTC.

        Without either nothing is checked. Raises StoreUnavailable.
        """
        token = brought or await self._checks.token(page_id)
        if token is None:
            return PageCheck(now, obstacle="no_token")
        return await self._check(page_id, token, now, held=brought is None)

    async def check_due(self, partition: int, now: int) -> int:
        """Check what is due in a partition and nobody else has claimed; return how many. Raises StoreUnavailable."""
        checked = 0
        for page_id in await self._checks.due(partition, now):
            token = await self._checks.claim(page_id)
            if token is not None:
                await self._check(page_id, token, now, held=True)
                checked += 1
        return checked

    async def _check(self, page_id: str, token: str, now: int, *, held: bool) -> PageCheck:
        check = await self._ask(page_id, token, now)
        await self._checks.note(page_id, check, token, held=held)
        if check.failing or check.obstacle:
            log.info("page_check.not_passed", page_id=page_id, obstacle=check.obstacle, **check.findings)
        return check

    async def _ask(self, page_id: str, ciphertext: str, now: int) -> PageCheck:
        try:
            token = self._vault.decrypt(ciphertext)
        except InvalidToken:
            # No key opens it any more, so it is of as little use as one that Meta refuses.
            return PageCheck(now, obstacle="token_refused")
        profile: Profile | GraphError
        fields: frozenset[str] | GraphError
        try:
            profile = await self._graph.profile(token)
        except GraphError as error:
            profile = error
        try:
            fields = await self._graph.subscriptions(page_id, token)
        except GraphError as error:
            fields = error
        return judge(now, profile, fields)
