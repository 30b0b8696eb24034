"""How a bot answers interactions: callbacks, the response `@original`, and follow-ups, each in its time."""

from __future__ import annotations

from tests.discord_server import acts, payloads
from tests.discord_server.compose import composed, with_ids
from tests.discord_server.limits import check_choices, check_modal
from tests.discord_server.payloads import JSON
from tests.discord_server.refusal import Form, Refused, unknown
from tests.discord_server.rest import Call, Route
from tests.discord_server.state import TOKEN_LASTS, Flag, Interaction, InteractionType, Message, Version, World

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9  # callback types
ALLOWED = {
    InteractionType.COMMAND: {MESSAGE, DEFERRED_MESSAGE, MODAL},
    InteractionType.COMPONENT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL},
    InteractionType.AUTOCOMPLETE: {CHOICES},
    InteractionType.MODAL: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE},
}
DATA = ("data",)


class Interactions:
    """The part of the API that needs no token but the interaction's."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """List the routes below `/api/v10`."""
        webhook = "/webhooks/{application}/{token}"
        message = webhook + "/messages/{message}"
        return [
            ("POST", "/interactions/{interaction}/{token}/callback", self.acknowledge),
            ("POST", webhook, self.follow_up),
            ("GET", message, lambda call: payloads.message(self._message(call))),
            ("PATCH", message, self.edit),
            ("DELETE", message, self.delete),
        ]

    def acknowledge(self, call: Call) -> JSON | None:
        interaction = self._world.interactions.get(call.params["token"])
        if interaction is None or interaction.id != call.number("interaction") or interaction.failed:
            raise unknown("Interaction")
        if interaction.acknowledged_at is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        kind = call.body.get("type")
        self._check_kind(interaction, kind)
        self._respond(interaction, kind, call)
        interaction.callback, interaction.acknowledged_at = kind, self._world.now()
        return _described(interaction) if call.query.get("with_response") in ("1", "true") else None

    def _check_kind(self, interaction: Interaction, kind: int) -> None:
        allowed = ALLOWED[interaction.type]
        if interaction.type is InteractionType.MODAL and interaction.message is None:
            allowed = allowed - {UPDATE, DEFERRED_UPDATE}
        if kind not in allowed:
            form = Form()
            form.choice(("type",), kind, sorted(allowed))
            form.check()

    def _respond(self, interaction: Interaction, kind: int, call: Call) -> None:
        data: JSON = call.body.get("data") or {}
        if kind == MESSAGE:
            interaction.original = self._sent(interaction, data, call)
        elif kind == DEFERRED_MESSAGE:
            flags = Flag.LOADING | Flag(data.get("flags") or 0) & Flag.EPHEMERAL
            interaction.original = self._posted(interaction, Version(self._world.now(), flags=flags))
        elif kind == DEFERRED_UPDATE:
            interaction.original = interaction.message
        elif kind == UPDATE:
            assert interaction.message
            self._edited(interaction.message, data, call, at=DATA)
            interaction.original = interaction.message
        elif kind == CHOICES:
            check_choices(data.get("choices") or [])
            interaction.choices = data.get("choices") or []
        elif kind == MODAL:
            check_modal(data)
            with_ids(data["components"])
            interaction.modal = data

    def _sent(self, interaction: Interaction, body: JSON, call: Call, at: tuple[str, ...] = DATA) -> Message:
        world = self._world
        version = composed(world, interaction.channel, world.bot, body, call.files, may_hide=True, at=at)
        return self._posted(interaction, version)

    def _posted(self, interaction: Interaction, version: Version) -> Message:
        kind = acts.REPLY if interaction.original else acts.DEFAULT
        if interaction.type is InteractionType.COMMAND and not interaction.original:
            kind = acts.CHAT_COMMAND if interaction.data["type"] == 1 else acts.MENU_COMMAND
        return acts.post(
            self._world, interaction.channel, self._world.bot, version, kind=kind, interaction=interaction,
            reply_to=interaction.original,
        )  # fmt: skip

    def _edited(self, message: Message, body: JSON, call: Call, at: tuple[str, ...] = ()) -> Message:
        if message.deleted_at is not None:
            raise unknown("Message")
        bot = self._world.bot
        version = composed(self._world, message.channel, bot, body, call.files, before=message.now, at=at)
        return acts.edit(message, version)

    def _interaction(self, call: Call) -> Interaction:
        """Find an acknowledged interaction whose token has not run out. Raises Refused."""
        found = self._world.interactions.get(call.params["token"])
        if found is None or call.params["application"] != str(self._world.application_id):
            raise unknown("Webhook")
        if self._world.now() - found.at > TOKEN_LASTS:
            raise Refused(401, 50027, "Invalid Webhook Token")
        if found.acknowledged_at is None:
            raise unknown("Webhook")
        if found.channel.deleted:
            raise unknown("Channel")
        return found

    def _message(self, call: Call) -> Message:
        interaction = self._interaction(call)
        found = interaction.original
        if call.params["message"] != "@original":
            answers = [*interaction.messages, *([found] if found else [])]
            found = next((message for message in answers if message.id == call.number("message")), None)
        if found is None or found.deleted_at is not None:
            raise unknown("Message")
        return found

    def follow_up(self, call: Call) -> JSON:
        """Send one more message; the first after a deferred response is that response."""
        interaction = self._interaction(call)
        original = interaction.original
        if original and original.loading and original.deleted_at is None:
            return payloads.message(self._edited(original, call.body, call))
        message = self._sent(interaction, call.body, call, at=())
        interaction.followups.append(message)
        return payloads.message(message)

    def edit(self, call: Call) -> JSON:
        return payloads.message(self._edited(self._message(call), call.body, call))

    def delete(self, call: Call) -> None:
        acts.delete(self._message(call))


def _described(interaction: Interaction) -> JSON:
    shown: JSON = {"id": str(interaction.id), "type": int(interaction.type)}
    resource: JSON = {"type": interaction.callback}
    message = interaction.original
    if message:
        shown["response_message_id"] = str(message.id)
        shown["response_message_loading"] = message.loading
        shown["response_message_ephemeral"] = message.ephemeral
        resource["message"] = payloads.message(message)
    return {"interaction": shown, "resource": resource}
