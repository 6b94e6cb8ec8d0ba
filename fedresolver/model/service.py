"""The name of a Service, as octets that can be cut from a question."""

from typing import NewType

ServiceKey = NewType("ServiceKey", bytes)
"""A Service's name and namespace as two labels in wire form: what stands before the zone in a federated name."""


def service_key(namespace: str, name: str) -> ServiceKey:
    """Return the key of a Service; both names are DNS labels (Kubernetes `metadata`)."""
    return ServiceKey(label(name) + label(namespace))


def label(text: str) -> bytes:
    """Return one DNS label in wire form, in small letters."""
    octets = text.encode("ascii").lower()
    return bytes((len(octets),)) + octets


def namespace_label(key: ServiceKey) -> bytes:
    """Return the namespace of `key` as a label in wire form."""
    return key[1 + key[0] :]


def key_text(key: ServiceKey) -> str:
    """Return `namespace/name`."""
    name, namespace = key[1 : 1 + key[0]], key[2 + key[0] :]
    return f"{namespace.decode()}/{name.decode()}"
