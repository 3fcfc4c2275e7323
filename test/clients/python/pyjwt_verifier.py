"""Verifies tokens with PyJWT: a token on each line of standard input, the verdict on standard output."""

import json
import sys

import jwt


def verify(asked):
    token = asked["token"]
    try:
        key = jwt.PyJWKClient(asked["jwks_uri"]).get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token,
            key.key,
            algorithms=[asked["alg"]],
            issuer=asked["issuer"],
            audience=asked["audience"],
            leeway=asked["leeway"],
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except (jwt.InvalidTokenError, jwt.PyJWKClientError) as error:
        return {"refused": type(error).__name__}
    # There is no option for the type.
    if jwt.get_unverified_header(token)["typ"].lower() != "at+jwt":
        return {"refused": "typ"}
    return {"claims": claims}


for line in sys.stdin:
    print(json.dumps(verify(json.loads(line))), flush=True)
