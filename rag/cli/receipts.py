"""The commands on answers that have been given: showing them again, explaining them, what has become of them."""

from __future__ import annotations

from rag import terminal
from rag.cli.options import Options
from rag.cli.output import print_json
from rag.cli.stores import opened_store
from rag.errors import StoreError
from rag.receipts import Receipt, open_receipts
from rag.settings import Settings


def replay_command(options: Options, chosen: Settings) -> None:
    receipt = found_receipt(options.receipt, chosen)
    if options.json:
        print_json({**receipt.record, "receipt": options.receipt})
    else:
        terminal.show_answer(receipt.answer, options.receipt)


def why_command(options: Options, chosen: Settings) -> None:
    from rag.explanation import explained

    receipt = found_receipt(options.receipt, chosen)
    terminal.show_explanation(explained(receipt, since(options.receipt, receipt, chosen)))


def watch_command(options: Options, chosen: Settings) -> None:
    from rag.watch import Watch, affected_records

    with opened_store(chosen) as store, open_receipts(chosen) as receipts:
        new = Watch(receipts, store).look()
        affected = affected_records(receipts, new)
    if options.json:
        print_json({"affected": affected})
    else:
        terminal.show_affected(affected)


def found_receipt(identity: str, chosen: Settings) -> Receipt:
    """Find a receipt. Raises StoreError if there is none."""
    with open_receipts(chosen) as receipts:
        receipt = receipts.get(identity)
    if receipt is None:
        raise StoreError(f"There is no receipt {identity!r}. They are kept for 90 days, beside the store; see --data.")
    return receipt


def since(identity: str, receipt: Receipt, chosen: Settings) -> list[str]:
    """Say what has become of the sources of an answer, if the articles are there to be looked at."""
    from rag.watch import Watch

    try:
        with opened_store(chosen) as store, open_receipts(chosen) as receipts:
            return Watch(receipts, store).since(identity, receipt)
    except StoreError as error:
        return [f"The articles could not be looked at: {error}"]
