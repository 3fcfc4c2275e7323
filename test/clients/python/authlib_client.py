"""Fetches tokens with Authlib: a request on each line of standard input, its answer on standard output."""

import json
import sys

from authlib.integrations.requests_client import OAuth2Session, OAuthError


def fetch(asked):
    session = OAuth2Session(
        asked["client_id"],
        asked["client_secret"],
        token_endpoint_auth_method=asked["method"],
    )
    try:
        response = session.fetch_token(
            asked["token_endpoint"],
            grant_type="client_credentials",
            **asked["parameters"],
        )
    except OAuthError as error:
        return {"refused": {"type": type(error).__name__, "error": error.error}}
    return {"response": response}


for line in sys.stdin:
    print(json.dumps(fetch(json.loads(line))), flush=True)
