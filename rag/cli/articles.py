"""The commands on articles: taking them in, listing and showing them, and where they disagree."""

from __future__ import annotations

from dataclasses import asdict

from rag import records, terminal
from rag.cli.options import Options, chosen_filters
from rag.cli.output import print_json
from rag.cli.stores import opened_store
from rag.settings import ROOT, Settings


def ingest_command(options: Options, chosen: Settings) -> None:
    from rag.ingest.pipeline import ingest
    from rag.ingest.uploads import with_uploads

    paths = with_uploads(options.paths or [str(ROOT / "seeds" / "articles")], chosen)
    with opened_store(chosen) as store, terminal.progress() as advance:
        report = ingest(paths, store, advance)
    if options.json:
        print_json(asdict(report))
    else:
        terminal.show_report(asdict(report), quiet=options.quiet)


def sources_command(options: Options, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        listed = [records.source_record(source) | {"passages": count} for source, count in store.sources()]
    if options.json:
        print_json({"articles": listed})
    else:
        terminal.show_sources(listed)


def show_command(options: Options, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        article = store.article(options.document)
    if options.json:
        print_json(records.source_record(article.source) | {"text": article.text})
    else:
        terminal.show_article(article)


def conflicts_command(options: Options, chosen: Settings) -> None:
    from rag.conflicts.disagreements import Disagreements
    from rag.retrieve.retriever import Retriever

    with opened_store(chosen) as store:
        filters = chosen_filters(options)
        found = Disagreements(Retriever(store).as_of(filters.as_of)).find(options.topic, filters)
    if options.json:
        print_json(records.conflicts_record(found))
    else:
        terminal.show_conflicts(found)
