"""Answers, articles and reports in, a readable terminal out. Results go to stdout; progress and errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rag.answer.wording import (
    EXTRACT_NOTE,
    NOTHING_TO_CHECK,
    markers,
    not_covered,
    outlet_and_date,
    pointed_out,
    remarks,
    reporters,
    ruled,
    shortened,
    sides,
    spoken,
    spread,
    stated,
)
from rag.explanation import Section
from rag.feedback import Feedback
from rag.records import Record
from rag.schema import (
    Answer,
    Article,
    Checked,
    Citation,
    Conflict,
    Event,
    Mode,
    Passage,
    Ruling,
    Timeline,
    distinct,
)
from rag.timeline.wording import (
    disputed_in_words,
    grouped,
    note,
    period,
    reported,
    subject,
    summary,
    told,
    when_in_words,
)

WIDTH = 100  # columns; longer lines of prose are tiring to read
COLOURS = {Ruling.SUPPORTED: "green", Ruling.CONTRADICTED: "red", Ruling.MISSING: "yellow"}
INDENT = (0, 0, 0, 4)
DATE_WIDTH = 22  # columns; "between 7 and 13 October 2024" takes two lines


def console() -> Console:
    """Open stdout as it is now: coloured on a terminal, plain in a pipe."""
    out = Console(highlight=False)
    out.width = min(out.width, WIDTH)
    return out


def show_answer(answer: Answer, receipt: str | None = None) -> None:
    """Print the answer, each source with its outlet, date and the quoted passage, and how to ask why."""
    out = console()
    out.print()
    if answer.abstained:
        out.print(Text(spoken(answer), style="yellow"))
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    for claim in answer.claims:
        out.print(Text.assemble(stated(claim), " ", (markers(claim, numbers), "bold cyan"), spread(claim, answer)))
    if answer.claims and (told := remarks(answer)):
        out.print(Text(told, style="yellow"))
    for conflict in (*answer.conflicts, *answer.changes):
        show_sides(out, conflict, numbers)
    for part in answer.unanswered:
        out.print(Text(not_covered(part), style="yellow"))
    for citation, number in numbers.items():
        show_citation(out, citation, number)
    extract = EXTRACT_NOTE if answer.mode is Mode.EXTRACTIVE and answer.claims else ""
    if note := " ".join(filter(None, (answer.notice, extract))):
        out.print()
        out.print(Text(note, style="dim italic"))
    if receipt:
        out.print()
        out.print(Text(f"dateline why {receipt}", style="dim"))
    out.print()


def show_sides(out: Console, conflict: Conflict, numbers: Mapping[Citation, int]) -> None:
    """Print what the sources say of a point, side by side."""
    out.print()
    out.print(Text(pointed_out(conflict), style="bold yellow"))
    for says, position in sides(conflict):
        marks, who = markers(position, numbers), reporters(position.citations)
        out.print(Padding(Text.assemble("– ", says, " ", (marks, "bold cyan"), f" ({who})"), INDENT))


def show_conflicts(found: Sequence[Conflict]) -> None:
    """Print what the articles disagree on, side by side, and then in short what only looks like it."""
    out = console()
    disputed = [each for each in found if each.disputed]
    if not disputed:
        out.print(Text("The articles do not contradict each other, as far as this can tell.", style="yellow"))
    for conflict in disputed:
        out.print()
        out.print(Text(pointed_out(conflict), style="bold yellow"))
        for says, position in sides(conflict):
            out.print(Padding(Text(f"– {says}", style="bold"), INDENT))
            for citation in position.citations:
                who = Text.assemble((outlet_and_date(citation.source), "cyan"), f": “{citation.quote}”")
                out.print(Padding(who, (0, 0, 0, 8)))
    if len(disputed) < len(found):
        out.print(Text("\nNot contradictions:", style="bold"))
    for conflict in found:
        if not conflict.disputed:
            said = "; ".join(f"{says} ({reporters(position.citations)})" for says, position in sides(conflict))
            out.print(Padding(Text(f"{pointed_out(conflict)}: {said}"), INDENT))


def show_timeline(timeline: Timeline) -> None:
    """Print what happened when, under headings; then the sources, each with the quoted passage."""
    out = console()
    numbers = {citation: number for number, citation in enumerate(timeline.citations, start=1)}
    facts = " · ".join(filter(None, (period(timeline), summary(timeline))))
    width = min(DATE_WIDTH, max((len(when_in_words(event.when)) for event in timeline.events), default=0))
    out.print()
    if not timeline.events:
        out.print(Text(printable(summary(timeline)), style="yellow"))
    else:
        out.print(Text.assemble((printable(subject(timeline)), "bold"), (f" · {facts}", "dim")))
    for heading, events in grouped(timeline.events):
        out.print()
        out.print(Text(heading, style="bold"))
        out.print(Padding(events_table(events, numbers, width), INDENT))
    for citation, number in numbers.items():
        show_citation(out, citation, number)
    if said := note(timeline):
        out.print()
        out.print(Text(said, style="dim italic"))
    out.print()


def events_table(events: Sequence[Event], numbers: Mapping[Citation, int], width: int) -> Table:
    """Lay out events: when, and what with its markers, how widely it is reported, and what others say of the date."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=width)
    table.add_column()
    for event in events:
        spread = f" ({reported(event)})" if reported(event) else ""
        what = Text.assemble(stated(told(event)), " ", (markers(event.claim, numbers), "bold cyan"), spread)
        if event.disputed:
            what.append(f"\n{disputed_in_words(event, numbers)}", style="yellow")
        table.add_row(Text(when_in_words(event.when), style="cyan"), what)
    return table


def show_check(checked: Sequence[Checked]) -> None:
    """Print each statement, what the articles make of it, and then the sources."""
    out = console()
    cited = distinct(citation for each in checked for citation in each.citations)
    numbers = {citation: number for number, citation in enumerate(cited, start=1)}
    if not checked:
        out.print(Text(NOTHING_TO_CHECK, style="yellow"))
    for each in checked:
        marks = "".join(f"[{numbers[citation]}]" for citation in each.citations)
        colour = "yellow" if each.disputed else COLOURS[each.ruling]
        said = "Nearest: " * (each.nearest is not None) + marks
        out.print()
        out.print(Text(each.statement))
        out.print(Padding(Text.assemble((ruled(each), f"bold {colour}"), " ", (said, "bold cyan")), INDENT))
    for citation, number in numbers.items():
        show_citation(out, citation, number)


def show_citation(out: Console, citation: Citation, number: int) -> None:
    """Print a source: outlet, date and title, the quote, and where it stands."""
    source = citation.source
    out.print()
    out.print(Text.assemble((f"[{number}] ", "bold cyan"), (outlet_and_date(source), "bold"), f" · {source.title}"))
    out.print(Padding(Text(f"“{citation.quote}”", style="italic"), INDENT))
    where = f"{source.document}, characters {citation.start}–{citation.end}"
    out.print(Padding(Text(" · ".join(filter(None, (source.url, where))), style="dim"), INDENT))


def show_passages(passages: Sequence[Passage]) -> None:
    """Print ranked passages."""
    out = console()
    for rank, passage in enumerate(passages, start=1):
        heading = Text.assemble((f"{rank}. ", "bold cyan"), (outlet_and_date(passage.source), "bold"))
        out.print(Text.assemble("\n", heading, f" · {passage.source.title} ", (f"{passage.score:.2f}", "dim")))
        out.print(Padding(Text(passage.text), INDENT))
    if not passages:
        out.print(Text("No passage passes these filters.", style="yellow"))


def show_sources(sources: Sequence[Record]) -> None:
    """Print the articles as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column, justify in (("outlet", "left"), ("published", "left"), ("passages", "right"), ("article", "left")):
        table.add_column(column, justify="right" if justify == "right" else "left")
    for source in sources:
        outlet = source["publisher"] or (f"from {source['origin']}" if source["origin"] else "unknown")
        published = f"{source['published'] or 'unknown'}{' (about)' * (source['published_basis'] == 'inferred')}"
        title = Text.assemble(source["title"] or "", "\n", (source["document"], "dim"))
        table.add_row(Text(outlet), published, str(source["passages"]), title)
    console().print(table)


def show_article(article: Article) -> None:
    """Print an article's metadata to stderr and its clean text, and nothing else, to stdout."""
    source = article.source
    print(f"{source.title}\n{outlet_and_date(source)}  {source.url}".rstrip(), file=sys.stderr)
    print(article.text)


def show_feedback(feedback: Sequence[Feedback]) -> None:
    """Print what people said of answers as a table, in the order given."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in ("when", "verdict", "question", "comment"):
        table.add_column(column, no_wrap=column in ("when", "verdict"))
    for each in feedback:
        verdict = f"{each.verdict.value}{f' [{each.citation}]' if each.citation else ''}"
        typed = (Text(shortened(printable(text))) for text in (each.question, each.comment))
        table.add_row(f"{each.when.astimezone():%Y-%m-%d %H:%M}", Text(verdict), *typed)
    console().print(table if feedback else Text("No feedback.", style="yellow"))


def show_explanation(sections: Sequence[Section]) -> None:
    """Print why an answer is as it is."""
    out = console()
    for section in sections:
        out.print()
        out.print(Text(section.heading, style="bold"))
        for line in section.lines:
            out.print(Padding(Text(printable(line)), INDENT))
    out.print()


def show_affected(affected: Sequence[Record]) -> None:
    """Print the answers whose sources have changed, in the order given, and what has become of each."""
    out = console()
    for answer in affected:
        new = ("new", "bold yellow") if any(effect["new"] for effect in answer["effects"]) else ("", "")
        out.print()
        out.print(Text.assemble((printable(answer["question"]), "bold"), f" {answer['answered'][:10]} ", new))
        for effect in answer["effects"]:
            out.print(Padding(Text(f"A source of this answer changed: {printable(effect['reason'])}."), INDENT))
        out.print(Padding(Text(f"dateline why {answer['receipt']}", style="dim"), INDENT))
    if not affected:
        out.print(Text("No answer rests on a source that has changed since.", style="green"))


def printable(text: str) -> str:
    """Write what a stranger typed on one line, without anything that a terminal would obey or could not print."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in " ".join(text.split())
    )


def show_report(report: Record, *, quiet: bool) -> None:
    """Print what an ingestion did; if `quiet`, only what went wrong."""
    err = Console(stderr=True, highlight=False)
    for failure in report["failed"]:
        err.print(Text.assemble(("not read: ", "bold red"), f"{failure['path']}: {failure['error']}"), soft_wrap=True)
    if not quiet:
        did = ", ".join(
            f"{report[what]} {what}" for what in ("added", "updated", "unchanged", "removed") if report[what]
        )
        print(f"{report['articles']} articles, {report['passages']} passages ({did or 'nothing to do'}).")


def show_error(error: Exception) -> None:
    print(f"dateline: {error}", file=sys.stderr)


@contextmanager
def progress(doing: str = "Reading articles") -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr, if it is a terminal, for as long as there is something to do."""
    if not sys.stderr.isatty():
        yield lambda done, found: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, found: bar.update(task, completed=done, total=found)


def questions() -> Iterator[str]:
    """Yield what is typed, line by line, until the end of the input or an empty `exit` or `quit`."""
    if sys.stdin.isatty():
        import readline  # noqa: F401  # gives `input` editing and recall

        print("Ask about the articles; leave with Ctrl-D.", file=sys.stderr)
    while True:
        try:
            line = input("\n› " if sys.stdin.isatty() else "").strip()
        except EOFError:
            return
        if line in ("exit", "quit"):
            return
        if line:
            yield line
