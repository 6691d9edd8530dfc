"""Judges signed manifests by the verifier of the installed SDK: a list of JSON texts in, a list of verdicts out."""

import base64
import hashlib
import json
import sys

from cryptography.hazmat.primitives import serialization
from hla_compass.signing import ModuleSigner


def judge(text):
    manifest = json.loads(text)
    der = base64.b64decode(manifest["publicKey"], validate=True)
    fingerprint = base64.b64encode(hashlib.sha256(der).digest()).decode()
    pem = serialization.load_der_public_key(der).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return manifest["keyFingerprint"] == fingerprint and bool(
        ModuleSigner().verify_signature(manifest, manifest["signature"], pem.decode())
    )


json.dump([judge(text) for text in json.load(sys.stdin)], sys.stdout)
