"""Fetches tokens with Requests-OAuthlib: a request on each line of standard input, its answer on standard output."""

import json
import sys

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests_oauthlib import OAuth2Session


def fetch(asked):
    session = OAuth2Session(client=BackendApplicationClient(asked["client_id"]))
    try:
        response = session.fetch_token(
            asked["token_endpoint"],
            client_secret=asked["client_secret"],
            include_client_id=asked["method"] == "client_secret_post",
            **asked["parameters"],
        )
    except OAuth2Error as error:
        return {"refused": {"type": type(error).__name__, "error": error.error}}
    # This client makes a list of the scope.
    scope = {"scope": " ".join(response["scope"])} if "scope" in response else {}
    return {"response": {**response, **scope}}


for line in sys.stdin:
    print(json.dumps(fetch(json.loads(line))), flush=True)
