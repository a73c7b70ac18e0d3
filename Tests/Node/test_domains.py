"""Own domains with the cluster's DNS, its ingress controller and its policies: whether a worker's pod reaches both, and what the store makes of it."""

import pytest
from own_domain import live_with_an_own_domain


@pytest.mark.usefixtures("node")
def test_a_store_lives_at_its_owners_host(cluster, installation, store, storefront, note):
    live_with_an_own_domain(cluster, installation, store, storefront, "/shop/", note)
