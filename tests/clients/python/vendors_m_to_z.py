"""Vendors' packages from PyPI: connectors from M to Z."""

from base64 import b64encode
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from frame import Headers, Request, signs, verifies
from mercadopago.webhook.validator import WebhookSignatureValidator as MercadoPagoValidator
from messagebird.request_validator import RequestValidator as MessagebirdValidator
from openai import OpenAI
from paddle_billing.Notifications.PaddleSignature import PaddleSignature
from plivo.utils.signature_v3 import validate_v3_signature as verify_plivo
from razorpay import Client as Razorpay
from replicate.webhook import Webhooks as ReplicateWebhooks
from replicate.webhook import WebhookSigningSecret
from resend import Webhooks as ResendWebhooks
from retell.lib.webhook_auth import symmetric as retell_signatures
from sendgrid.helpers.eventwebhook import EventWebhook as SendgridWebhook
from sinch.domains.authentication.sinch_events.v1.authentication_validation import (
    validate_sinch_event_signature_with_nonce as verify_sinch,
)
from slack_sdk.signature import SignatureVerifier
from square.utils.webhooks_helper import verify_signature as verify_square
from standardwebhooks.webhooks import Webhook as StandardWebhook
from stripe import WebhookSignature
from telnyx.lib.webhook_verification import verify_webhook_signature as verify_telnyx
from twilio.request_validator import RequestValidator as TwilioValidator
from workos.webhooks._verification import verify_header as verify_workos


@verifies("mercado-pago", "PyPI mercadopago")
def mercado_pago(request: Request) -> object:
    id_in_url = dict(parse_qsl(urlsplit(request.url).query)).get("data.id")
    headers = request.headers
    return MercadoPagoValidator.validate(headers["x-signature"], headers["x-request-id"], id_in_url, request.secret)


@verifies("messagebird", "PyPI messagebird")
def messagebird(request: Request) -> object:
    token = request.headers["messagebird-signature-jwt"]
    return MessagebirdValidator(request.secret).validate_signature(token, request.url, request.body)


@verifies("openai", "PyPI openai")
def openai(request: Request) -> object:
    return OpenAI(api_key="none", webhook_secret=request.secret).webhooks.unwrap(request.text, request.headers)


@signs("paddle", "PyPI paddle-python-sdk")
def paddle(request: Request) -> Headers:
    signed = f"{request.time}:".encode() + request.body
    return {
        "Paddle-Signature": f"ts={request.time};h1={PaddleSignature.calculate_hmac(request.secret, signed).hexdigest()}"
    }


@verifies("plivo", "PyPI plivo")
def plivo(request: Request) -> object:
    nonce, signature = request.headers["x-plivo-signature-v3-nonce"], request.headers["x-plivo-signature-v3"]
    fields = dict(parse_qsl(request.text, keep_blank_values=True))
    return verify_plivo(request.method, request.url, nonce, request.secret, signature, fields)


@verifies("razorpay", "PyPI razorpay")
def razorpay(request: Request) -> object:
    utility = Razorpay(auth=("none", "none")).utility
    return utility.verify_webhook_signature(request.text, request.headers["x-razorpay-signature"], request.secret)


@verifies("replicate", "PyPI replicate")
def replicate(request: Request) -> object:
    secret = WebhookSigningSecret(key=request.secret)
    return ReplicateWebhooks.validate(headers=request.headers, body=request.text, secret=secret)


@verifies("resend", "PyPI resend")
def resend(request: Request) -> object:
    headers = {name: request.headers[f"svix-{name}"] for name in ("id", "timestamp", "signature")}
    options = {"payload": request.text, "headers": headers, "webhook_secret": request.secret}
    return ResendWebhooks.verify(options)


@signs("retell", "PyPI retell-sdk")
def retell(request: Request) -> Headers:
    return {"X-Retell-Signature": retell_signatures["sign"](request.text, request.secret, request.time * 1000)}


@signs("custom/signature", "PyPI standardwebhooks")
@signs("securecodinghub", "PyPI standardwebhooks")
@signs("standard-webhooks", "PyPI standardwebhooks")
def standardwebhooks(request: Request) -> Headers:
    signature = StandardWebhook(request.secret).sign(msg_id=request.message, timestamp=request.at, data=request.text)
    return {"webhook-id": request.message, "webhook-timestamp": str(request.time), "webhook-signature": signature}


@verifies("sendgrid", "PyPI sendgrid")
def sendgrid(request: Request) -> object:
    key = b64encode(request.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    signature = request.headers["x-twilio-email-event-webhook-signature"]
    stamp = request.headers["x-twilio-email-event-webhook-timestamp"]
    return SendgridWebhook(key).verify_signature(request.text, signature, stamp)


@verifies("sinch", "PyPI sinch")
def sinch(request: Request) -> object:
    return verify_sinch(request.secret, request.headers, request.text)


@signs("slack", "PyPI slack_sdk")
def slack(request: Request) -> Headers:
    stamp = str(request.time)
    signature = SignatureVerifier(request.secret).generate_signature(timestamp=stamp, body=request.body)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}


@verifies("square", "PyPI squareup")
def square(request: Request) -> object:
    return verify_square(
        request_body=request.text,
        signature_header=request.headers["x-square-hmacsha256-signature"],
        signature_key=request.secret,
        notification_url=request.url,
    )


@signs("stripe", "PyPI stripe")
def stripe(request: Request) -> Headers:
    return {"Stripe-Signature": WebhookSignature.generate_signature_header(request.text, request.secret, request.time)}


@verifies("telnyx", "PyPI telnyx")
def telnyx(request: Request) -> object:
    key = b64encode(request.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    return verify_telnyx(request.body, request.headers, key)


@signs("twilio/signature", "PyPI twilio")
def twilio(request: Request) -> Headers:
    return {"X-Twilio-Signature": twilio_signature(request)}


@signs("twilio/shared_key", "PyPI twilio")
def twilio_by_shared_key(request: Request) -> Headers:
    return {"X-Twilio-Signature": twilio_signature(request, "HMAC_SHA256")}


def twilio_signature(request: Request, algorithm: str | None = None) -> str:
    fields = dict(parse_qsl(request.text, keep_blank_values=True))
    return TwilioValidator(request.secret).compute_signature(request.url, fields, algorithm)


@verifies("workos", "PyPI workos")
def workos(request: Request) -> object:
    signature = request.headers["workos-signature"]
    return verify_workos(event_body=request.body, event_signature=signature, secret=request.secret)
