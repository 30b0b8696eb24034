"""A bot that does a little of everything, to try the server with."""

from __future__ import annotations

import asyncio
import io
import os
from typing import Any

import discord
from discord import app_commands

Asked = discord.Interaction["SmallBot"]


class Complaint(discord.ui.Modal, title="What is wrong?"):
    """A modal."""

    why: discord.ui.TextInput[Complaint] = discord.ui.TextInput(label="Why", max_length=200)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Thank."""
        await interaction.response.send_message(f"Noted: {self.why.value}", ephemeral=True)


class Buttons(discord.ui.View):
    """Buttons that outlive a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Passages", custom_id="passages")
    async def passages(self, interaction: Asked, button: discord.ui.Button[Buttons]) -> None:
        """Show something to whoever pressed."""
        await interaction.response.send_message("a passage", ephemeral=True)

    @discord.ui.button(label="Wrong", custom_id="wrong")
    async def wrong(self, interaction: Asked, button: discord.ui.Button[Buttons]) -> None:
        """Ask why."""
        await interaction.response.send_modal(Complaint())

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction: Asked, button: discord.ui.Button[Buttons]) -> None:
        """Change the message."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed")

    @discord.ui.select(
        custom_id="which", options=[discord.SelectOption(label="One"), discord.SelectOption(label="Two")]
    )
    async def which(self, interaction: Asked, select: discord.ui.Select[Buttons]) -> None:
        """Change the message to what was chosen."""
        await interaction.response.edit_message(content=f"chose {select.values[0]}")


class Card(discord.ui.LayoutView):
    """A message made of components."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text), accent_colour=0x336699))


class SmallBot(discord.Client):
    """A bot whose commands are registered when it starts."""

    def __init__(self, intents: discord.Intents | None = None, **options: Any) -> None:
        allowed = discord.AllowedMentions.none()
        super().__init__(intents=intents or discord.Intents.default(), allowed_mentions=allowed, **options)
        self.tree = app_commands.CommandTree(self)
        self.seen: list[discord.Message] = []
        self.failures: list[Exception] = []

    async def setup_hook(self) -> None:
        """Register commands and buttons."""
        commands: list[Any] = [ask, card, slow, guarded, kinds, menu]
        for command in commands:
            self.tree.add_command(command)
        self.tree.error(self._failed)
        self.add_view(Buttons())
        await self.tree.sync()

    async def _failed(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        self.failures.append(error)

    async def on_message(self, message: discord.Message) -> None:
        """Answer whoever talks to the bot."""
        self.seen.append(message)
        if message.author == self.user or message.type not in (discord.MessageType.default, discord.MessageType.reply):
            return
        if message.content.endswith("thread"):
            thread = await message.create_thread(name="A thread")
            await thread.send("in the thread")
        elif self.user in message.mentions or message.guild is None:
            await message.reply(f"you said: {message.content} {'@everyone' if 'all' in message.content else ''}")


@app_commands.command()
@app_commands.describe(question="what to ask", outlet="of whom", private="for you alone", file="a file", times="edits")
async def ask(
    interaction: Asked, question: str, outlet: str | None = None, private: bool = False,
    file: discord.Attachment | None = None, times: app_commands.Range[int, 0, 5] = 0,
) -> None:  # fmt: skip
    """Answer a question."""
    await interaction.response.defer(ephemeral=private, thinking=True)
    read = (await file.read()).decode() if file else ""
    for number in range(times):
        await interaction.edit_original_response(content=f"… {number}")
    await interaction.edit_original_response(content=f"Answer: {question} {outlet or ''}{read}", view=Buttons())


@ask.autocomplete("outlet")
async def _outlets(interaction: Asked, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name, value=name) for name in ("Shore", "Shale") if name.lower().startswith(typed)]


@app_commands.command()
async def card(interaction: Asked) -> None:
    """Show a card, with a file after it."""
    await interaction.response.send_message(view=Card("a card"))
    await interaction.followup.send("and a file", file=discord.File(io.BytesIO(b"text"), "notes.md"))


@app_commands.command()
async def slow(interaction: Asked, seconds: float) -> None:
    """Take time to acknowledge."""
    await asyncio.sleep(seconds)
    await interaction.response.send_message("late")


@app_commands.command()
@app_commands.default_permissions(manage_guild=True)
@app_commands.guild_only()
async def guarded(interaction: Asked) -> None:
    """Do what not everybody may."""
    await interaction.response.defer(thinking=True)
    await interaction.followup.send("done", ephemeral=True)
    await interaction.followup.send("and more")


@app_commands.command()
async def kinds(interaction: Asked, who: discord.Member, where: discord.TextChannel, which: discord.Role) -> None:
    """Name what was given."""
    await interaction.response.send_message(f"{who.name} {where.name} {which.name}")


@app_commands.context_menu(name="Repeat this")
async def menu(interaction: Asked, message: discord.Message) -> None:
    """Repeat a message."""
    await interaction.response.send_message(f"It says: {message.content}", ephemeral=True)


if __name__ == "__main__":
    SmallBot().run(os.environ["DISCORD_TOKEN"])
