"""Quotas, under creates that arrive at once."""

import concurrent.futures
import uuid

from stack import LIMITS

TOTAL = int(LIMITS["MAX_STORES"])
PER_USER = int(LIMITS["MAX_STORES_PER_USER"])


def create_at_once(stack, users):
    def create(user):
        return stack.request("POST", "/api/stores", {"name": f"Rush {uuid.uuid4().hex[:8]}", "engine": "woocommerce"}, user=user)

    with concurrent.futures.ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(create, users))
    accepted = [answer.body["store"]["id"] for answer in answers if answer.status == 202]
    return accepted, [answer for answer in answers if answer.status != 202]


def test_fifty_creates_at_once_of_one_user_stay_within_the_users_limit(stack):
    accepted, refused = create_at_once(stack, ["greedy"] * 50)
    try:
        assert len(accepted) == PER_USER
        for answer in refused:
            assert (answer.status, answer.body["error"]) == (
                429,
                f"Store limit reached ({PER_USER}/{PER_USER}). Delete a store to create another.",
            )
        usage = stack.request("GET", "/api/me", user="greedy").body
        assert usage["stores"] == {"used": PER_USER, "limit": PER_USER}
    finally:
        stack.delete(*accepted)
    assert stack.request("GET", "/api/me", user="greedy").body["stores"]["used"] == 0


def test_fifty_creates_at_once_of_fifty_users_stay_within_the_total(stack):
    accepted, refused = create_at_once(stack, [f"user-{number}" for number in range(50)])
    try:
        assert len(accepted) == TOTAL
        assert {(answer.status, answer.body["error"]) for answer in refused} == {(429, f"Maximum stores ({TOTAL}) reached")}
    finally:
        stack.delete(*accepted)
