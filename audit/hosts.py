"""What the name of a host says of where it is."""

from __future__ import annotations

import ipaddress


def is_address(host: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, which nobody else reaches by it."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
