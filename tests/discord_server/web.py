"""A public web of the test's own: pages at made-up hosts below `.example`, which only a redirected bot can reach."""

from __future__ import annotations

from types import TracebackType

from aiohttp import web


class PublicWeb:
    """Use as an async context manager; `pages` are by host and path, `environment` is for the bot's process."""

    def __init__(self) -> None:
        self._pages: dict[str, tuple[str | bytes, str]] = {}
        self.visits: list[str] = []

    async def __aenter__(self) -> PublicWeb:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._page)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's process needs in its environment to find these pages."""
        return {"LOOPBACK_WEB": str(self._runner.addresses[0][1])}

    def publish(self, page: str, content: str | bytes, content_type: str = "text/html") -> str:
        """Put a page at a host and path such as "news.example/story", and return its address."""
        self._pages[page] = content, content_type
        return f"http://{page}"

    async def _page(self, request: web.Request) -> web.Response:
        page = f"{request.host}{request.path}"
        self.visits.append(page)
        if page not in self._pages:
            raise web.HTTPNotFound
        content, content_type = self._pages[page]
        body = content.encode() if isinstance(content, str) else content
        return web.Response(body=body, content_type=content_type, charset="utf-8")
