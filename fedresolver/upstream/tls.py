"""TLS to upstreams (RFC 7858): whom we believe, and the certificate that we show."""

import ssl

from fedresolver.config.errors import shown

_LARGEST = 1 << 20  # octets of a file with certificates or a key


class CertificateError(Exception):
    """A certificate, key or authority cannot be used; the text names the file and says why."""


def context(cert: str = "", key: str = "", ca: str = "") -> ssl.SSLContext:
    """Return how to speak TLS 1.2 or later with an upstream; the arguments are paths of files in PEM, or empty.

    Its certificate must be for the name or IP address that is asked for, by the authorities in `ca` or the system's;
    no common name is believed. `cert` and `key` are shown to it where it asks. CertificateError for a file that is not
    what it should be. Waits for the disk.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an authority may be one that another has signed
    made.hostname_checks_common_name = False
    if ca:
        _trust(made, ca)
    else:
        made.load_default_certs()
    if cert or key:
        _show(made, cert, key)
    return made


def _trust(made: ssl.SSLContext, ca: str) -> None:
    try:
        # what stands between certificates is for people, in any language
        made.load_verify_locations(cadata=_octets(ca).decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError) as error:
        wrong = f"{_shown(ca)} cannot be used as a certificate authority: {_reason(error)}"
        raise CertificateError(f"{wrong}; PEM is expected") from error


def _show(made: ssl.SSLContext, cert: str, key: str) -> None:
    for file in (cert, key):
        _octets(file)  # OpenSSL does not say which file it is that cannot be read
    try:
        # without a password OpenSSL would ask for one at the terminal, and wait
        made.load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        wrong = f"{_shown(cert)} and {_shown(key)} cannot be used as a certificate and its key: {_reason(error)}"
        raise CertificateError(f"{wrong}; PEM is expected, without a password") from error


def _octets(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            found = opened.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise CertificateError(f"cannot read {_shown(file)}: {getattr(error, 'strerror', None) or error}") from error
    if len(found) > _LARGEST:
        raise CertificateError(f"{_shown(file)} is longer than {_LARGEST >> 20} MiB")
    return found


def _reason(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)


def _shown(file: str) -> str:
    """Return the whole path, for at its end is what the file is called."""
    return f"`{file}`" if file.isprintable() else shown(file)
