"""An address in, the page at it out. The only module that fetches what an article's reader points at."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

from rag.errors import UnreadableError

PAGE_LIMIT = 50 * 1024 * 1024  # bytes, after decompression
_TIMEOUT = httpx.Timeout(15.0)  # seconds to connect, and for each read
_DEADLINE = 60.0  # seconds for the whole page: a slow drip never trips a read timeout
_REDIRECTS = 5
_HEADERS = {"User-Agent": "Dateline (article reader)", "Accept": "text/html,application/pdf,text/plain;q=0.9,*/*;q=0.1"}


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent: where it came from after redirects, its bytes, and the type and encoding it claims."""

    url: str
    content: bytes
    media_type: str
    encoding: str


class _PublicTransport(httpx.HTTPTransport):
    """Connect to the very address that was checked, so that a name cannot resolve to another one in between."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        request.extensions = {**request.extensions, "sni_hostname": host}
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=_public_address(host)),
            headers=request.headers,  # keeps the name in `Host`
            stream=request.stream,
            extensions=request.extensions,
        )
        return super().handle_request(pinned)


def fetch_page(url: str, allow_private: bool = False) -> Page:
    """Fetch a page by http or https. Raises UnreadableError with a line that says why not.

    Addresses that are not public (this machine, its network, a cloud's metadata service) are refused, also when a
    public page redirects to them, unless `allow_private`: whoever names the address may not be who runs the program.
    """
    transport = httpx.HTTPTransport() if allow_private else _PublicTransport()
    try:
        with (
            httpx.Client(transport=transport, timeout=_TIMEOUT, headers=_HEADERS, max_redirects=_REDIRECTS) as client,
            client.stream("GET", url, follow_redirects=True) as response,
        ):
            if response.is_error:
                raise UnreadableError(f"{url} answered {response.status_code}: check the address in a browser.")
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            content = b"".join(_limited(url, response))
            return Page(str(response.url), content, media_type, response.charset_encoding or "")
    except httpx.UnsupportedProtocol:
        raise UnreadableError(f"{url} is not a web address: it must start with http:// or https://.") from None
    except httpx.TimeoutException:
        raise UnreadableError(f"{url} did not answer in time: try again later.") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnreadableError(f"{url} cannot be fetched ({_one_line(error)}): check the address.") from None


def _limited(url: str, response: httpx.Response) -> Iterator[bytes]:
    deadline = time.monotonic() + _DEADLINE
    received = 0
    for chunk in response.iter_bytes():
        received += len(chunk)
        if received > PAGE_LIMIT:
            raise UnreadableError(
                f"{url} is larger than {PAGE_LIMIT // 2**20} MB: save the article alone and add that."
            )
        if time.monotonic() > deadline:
            raise UnreadableError(f"{url} takes too long to send: try again later.")
        yield chunk


def _public_address(host: str) -> str:
    """Resolve a host. Raises UnreadableError if any of its addresses is not public."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise UnreadableError(f"There is no host {host!r}: check the address.") from None
    addresses = [str(address[0]) for *_, address in found]
    if not addresses or not all(map(_is_public, addresses)):
        raise UnreadableError(f"{host} is not a public address, so it is not fetched: save the page and add the file.")
    return addresses[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):  # forms that carry an IPv4 address to be judged in their place
        ip = ip.ipv4_mapped or ip.sixtofour or (_embedded(ip) if ip in _NAT64 else ip)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
