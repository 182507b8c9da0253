"""Vendors' packages from PyPI: connectors from A to L."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import gocardless_pro.webhooks
from Adyen.util import generate_notification_sig
from box_sdk_gen.managers.webhooks import WebhooksManager
from castle.configuration import Configuration as CastleConfiguration
from castle.webhooks.verify import WebhooksVerify as CastleWebhook
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from discord_interactions import verify_key as verify_discord
from elevenlabs import ElevenLabs
from finch import Finch
from frame import Headers, Payload, Request, makes, signs, verifies
from gidgethub import sansio
from hubspot.utils.signature import Signature as HubspotSignature
from increase import Increase
from linebot.v3.webhook import SignatureValidator as LineValidator
from lithic import Lithic
from pyairtable.models import WebhookNotification
from svix.webhooks import Webhook as SvixWebhook


@signs("adyen/signature", "PyPI Adyen")
def adyen(request: Request) -> Request:
    body = json.loads(request.body)
    for each in body["notificationItems"]:
        item = each["NotificationRequestItem"]
        signature = generate_notification_sig({**item, "additionalData": {}}, request.secrets["hmac_key"])
        item.setdefault("additionalData", {})["hmacSignature"] = signature.decode()
    return replace(request, body=json.dumps(body).encode())


@verifies("airtable", "PyPI pyairtable")
def airtable(request: Request) -> object:
    return WebhookNotification.from_request(request.text, request.headers["x-airtable-content-mac"], request.secret)


@verifies("box", "PyPI boxsdk")
def box(request: Request) -> object:
    return WebhooksManager.validate_message(request.text, request.headers, request.secret)


@verifies("castle", "PyPI castle")
def castle(request: Request) -> object:
    configuration = CastleConfiguration()
    configuration.api_secret = request.secret
    headers = {"X-Castle-Signature": request.headers["x-castle-signature"]}
    return CastleWebhook.call(SimpleNamespace(data=request.body, headers=headers), configuration)


@signs("clerk", "PyPI svix")
@signs("svix", "PyPI svix")
def svix(request: Request) -> Headers:
    signature = SvixWebhook(request.secret).sign(request.message, request.at, request.text)
    return {"svix-id": request.message, "svix-timestamp": str(request.time), "svix-signature": signature}


@makes("cloudevents", "PyPI cloudevents")
def cloudevents(request: Request) -> list[Payload]:
    token = {"Authorization": f"Bearer {request.secret}"}
    events = [cloud_event(str(number)) for number in range(4)]
    structured, binary = to_structured_event(events[0]), to_binary_event(events[1])
    batch = b",".join(to_structured_event(event).body for event in events[2:])
    batched = {"content-type": "application/cloudevents-batch+json"}
    kind = "cloudevents.com.example.finding"
    return [
        Payload(replace(request.sent_with({**structured.headers, **token}), body=structured.body), [kind], "/seven#0"),
        Payload(replace(request.sent_with({**binary.headers, **token}), body=binary.body), [kind], "/seven#1"),
        Payload(replace(request.sent_with({**batched, **token}), body=b"[" + batch + b"]"), [kind, kind], "/seven#3"),
    ]


def cloud_event(name: str) -> CloudEvent:
    attributes = {"id": name, "source": "/seven", "type": "com.example.finding", "time": datetime.now(UTC)}
    attributes |= {"specversion": "1.0", "datacontenttype": "application/json"}
    return CloudEvent(attributes, {"severity": "high"})


@verifies("discord", "PyPI discord-interactions")
@verifies("discord-interactions", "PyPI discord-interactions")
def discord(request: Request) -> object:
    signature, stamp = request.headers["x-signature-ed25519"], request.headers["x-signature-timestamp"]
    key = request.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return verify_discord(request.body, signature, stamp, key)


@verifies("elevenlabs", "PyPI elevenlabs")
def elevenlabs(request: Request) -> object:
    client = ElevenLabs(api_key="none")
    return client.webhooks.construct_event(request.text, request.headers["elevenlabs-signature"], request.secret)


@verifies("finch", "PyPI finch-api")
def finch(request: Request) -> object:
    return Finch(webhook_secret=request.secret).webhooks.verify_signature(request.body, request.headers)


@verifies("github", "PyPI gidgethub")
def gidgethub(request: Request) -> object:
    return sansio.Event.from_http(request.headers, request.body, secret=request.secret)


@verifies("gocardless", "PyPI gocardless-pro")
def gocardless(request: Request) -> object:
    return gocardless_pro.webhooks.parse(request.body, request.secret, request.headers["webhook-signature"])


@signs("hubspot/signature", "PyPI hubspot-api-client")
def hubspot(request: Request) -> Headers:
    stamp = str(request.time * 1000)
    signature = hubspot_signature(request, "v3", stamp)
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}


@signs("hubspot/signature_v2", "PyPI hubspot-api-client")
def hubspot_v2(request: Request) -> Headers:
    return {"X-HubSpot-Signature": hubspot_signature(request, "v2")}


@signs("hubspot/signature_v1", "PyPI hubspot-api-client")
def hubspot_v1(request: Request) -> Headers:
    return {"X-HubSpot-Signature": hubspot_signature(request, "v1")}


def hubspot_signature(request: Request, version: str, stamp: str | None = None) -> str:
    sign = HubspotSignature.get_signature
    return sign(request.secret, request.text, version, request.url, request.method, stamp)


@verifies("increase", "PyPI increase")
def increase(request: Request) -> object:
    client = Increase(api_key="none", webhook_secret=request.secret)
    return client.events.unwrap(request.text, headers=request.headers)


@verifies("line", "PyPI line-bot-sdk")
def line(request: Request) -> object:
    return LineValidator(request.secret).validate(request.text, request.headers["x-line-signature"])


@verifies("lithic", "PyPI lithic")
def lithic(request: Request) -> object:
    return Lithic(api_key="none", webhook_secret=request.secret).webhooks.unwrap(request.text, request.headers)
