"""Bodies of Messenger webhooks: recorded ones of other projects, their fields, their order and their signature."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.messenger import IgnoredKind, decode, signature_matches
from rules.facts import Addressed, Message, Referral
from tests.gateway.messaging import (
    AD,
    RECEIVED_AT,
    item,
    pressed,
    read,
    said,
)

FIXTURES = Path(__file__).parents[1] / "fixtures" / "messenger"
MANIFEST: list[dict[str, Any]] = json.loads((FIXTURES / "manifest.json").read_text())


class TestRecordedBodies:
    """Each fixture reads as its manifest says."""

    @pytest.mark.parametrize("recorded", MANIFEST, ids=lambda recorded: recorded["file"])
    def test_reads_as_the_manifest_says(self, recorded: dict[str, Any]) -> None:
        decoded = decode((FIXTURES / recorded["file"]).read_bytes(), received_at=RECEIVED_AT)
        certain = [event for event in recorded["events"] if event["counts"] is not None]
        if len(certain) == len(recorded["events"]):
            assert [fact for event in certain for fact in self.expected_facts(event)] == [
                self.seen(each) for each in decoded.facts
            ]
        for kind in {kind for event in certain if (kind := self.expected_kind(event))}:
            assert kind in decoded.ignored
        assert decoded.problem is None

    @pytest.mark.parametrize("recorded", MANIFEST, ids=lambda recorded: recorded["file"])
    def test_reads_the_same_twice(self, recorded: dict[str, Any]) -> None:
        recorded_body = (FIXTURES / recorded["file"]).read_bytes()
        assert decode(recorded_body, received_at=RECEIVED_AT) == decode(recorded_body, received_at=RECEIVED_AT)

    def test_every_fixture_is_in_the_manifest(self) -> None:
        bodies = {path.name for path in FIXTURES.glob("*.json")} - {"manifest.json"}
        assert bodies == {recorded["file"] for recorded in MANIFEST}
        assert len(bodies) == 53

    @staticmethod
    def expected_facts(event: dict[str, Any]) -> list[tuple[object, ...]]:
        if event["psid"] is None or event["kind"] not in {"message", "echo", "get_started", "postback", "referral"}:
            return []
        where = (event["page_id"], event["psid"], event["ts_ms"])
        click = (*where, event["ref"], event["ref_source"])
        author = "page" if event["direction"] == "from_page" else "customer"
        via = "message" if event["kind"] in {"message", "echo"} else event["kind"]
        message = (*where, author, via, event["channel"] == "standby", event["mid"])
        assert event["counts"] is (event["kind"] not in {"postback", "referral"})
        return [click] * (event["ref_source"] is not None) + [message] * (event["kind"] != "referral")

    @staticmethod
    def seen(addressed: Addressed) -> tuple[object, ...]:
        fact = addressed.fact
        where = (addressed.conversation.page_id, addressed.conversation.psid, fact.at)
        if isinstance(fact, Referral):
            return (*where, fact.ref, fact.source)
        assert isinstance(fact, Message)
        made_up = fact.mid.startswith(("postback:", "item:"))
        return (*where, fact.author, fact.via, fact.standby, None if made_up else fact.mid)

    @staticmethod
    def expected_kind(event: dict[str, Any]) -> IgnoredKind | None:
        kind = event["kind"]
        kinds: dict[str, IgnoredKind] = {
            "delivery": "delivery",
            "foreign_object": "foreign_object",
            "handover": "handover",
            "optin": "optin",
            "reaction": "reaction",
            "unknown": "unknown",
        }
        if event["page_id"] == "0":
            return "dashboard_test"
        if kind.startswith("change:"):
            return "change"
        if kind in {"message", "echo", "get_started"} and event["psid"] is None:
            return "unattributable"
        return kinds.get(kind)


class TestStandby:
    def test_is_read_like_messaging_and_marked(self) -> None:
        decoded = read(item(**said(mid="m_1")), standby=[item(**said(mid="m_2")), item(**pressed(title="Bắt đầu"))])
        messages = [each.fact for each in decoded.facts if isinstance(each.fact, Message)]
        assert [(each.mid, each.via, each.standby) for each in messages] == [
            ("m_1", "message", False),
            ("m_2", "message", True),
            ("m_A5", "get_started", True),
        ]
        assert decoded.heard == {("900", "messages"), ("900", "standby")}


class TestFields:
    def test_are_told_by_page(self) -> None:
        shop = {"id": "900", "messaging": [item(**said(mid="m_1"))]}
        other = {"id": "901", "messaging": [item(sender="901", recipient="7102", **said(mid="m_2", is_echo=True))]}
        decoded = decode(json.dumps({"object": "page", "entry": [shop, other]}).encode(), received_at=RECEIVED_AT)
        assert decoded.heard == {("900", "messages"), ("901", "message_echoes")}

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (said(), "messages"),
            (said(referral=AD), "messages"),
            (said(is_echo=True), "message_echoes"),
            (pressed(referral=AD), "messaging_postbacks"),
            ({"referral": AD}, "messaging_referrals"),
        ],
    )
    def test_say_what_the_page_is_subscribed_to(self, content: dict[str, object], field: str) -> None:
        assert read(item(**content)).heard == {("900", field)}
        assert read(standby=[item(**content)]).heard == {("900", "standby")}

    def test_are_not_seen_in_what_is_ignored(self) -> None:
        assert read(item(read={})).heard == frozenset()


class TestSignature:
    BODY = (FIXTURES / "gosdk-text-escaped-unicode.json").read_bytes()

    @staticmethod
    def sign(secret: str, signed: bytes) -> str:
        return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

    def test_matches_the_raw_bytes(self) -> None:
        assert signature_matches(("s3cret",), self.sign("s3cret", self.BODY), self.BODY)

    def test_any_of_several_secrets_will_do(self) -> None:
        for secret in ("old", "new"):
            assert signature_matches(("new", "old"), self.sign(secret, self.BODY), self.BODY)

    def test_does_not_match_the_same_json_encoded_again(self) -> None:
        again = json.dumps(json.loads(self.BODY), ensure_ascii=False).encode()
        assert not signature_matches(("s3cret",), self.sign("s3cret", self.BODY), again)

    @pytest.mark.parametrize("header", [None, "", "sha256=", "sha256=00", "sha1=00", "é", "\udcff"])
    def test_does_not_match_what_is_no_signature(self, header: str | None) -> None:
        assert not signature_matches(("s3cret",), header, self.BODY)

    def test_does_not_match_a_wrong_secret_or_form(self) -> None:
        right = self.sign("s3cret", self.BODY)
        assert not signature_matches(("other",), right, self.BODY)
        assert not signature_matches((), right, self.BODY)
        assert not signature_matches(("s3cret",), right.removeprefix("sha256="), self.BODY)
        assert not signature_matches(("s3cret",), right.upper(), self.BODY)
