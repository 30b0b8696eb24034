"""A handful of invented articles as files of several kinds, for tests that need a store with something to ask about."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from rag.settings import Settings
from rag.store.store import Store, open_store

FERRY = """---
title: Ferry line between Oskel and Brenhaven to open in June
publisher: Coast Courier
author: Tilda Roos
published: 2024-03-12
url: https://coast.example/ferry
---
The ferry line between Oskel and Brenhaven will open on 3 June 2024, harbour director Marit Solvang said on Tuesday.

The line cost 48 million euros, of which Norway pays 30 million and Denmark 18 million. A ferry carries 240 people.

“We have waited eleven years for this day,” Solvang told reporters in Oskel. A crossing takes 55 minutes.

Transport minister Kaja Lindqvist spoke for Norway at the ceremony. Denmark sent its ambassador, Jens Holmgaard.
"""

HERRING = """Share

Herring talks end without a deal

By Nordlys Agency

20 March 2025

The second round of the herring talks ended in Vienna on 18 March without a deal, negotiators said.

The first round was held in Lisbon in February. Iceland asked for a quota of 90,000 tonnes; Norway offered 70,000.

Chief negotiator Sigrun Halldorsdottir warned that the stock would not survive another open season.

Share

Leave a Reply
"""

LIBRARY = {
    "title": "Fire damages the library of Tarn",
    "publisher": "Tarn Observer",
    "url": "https://tarn.example/fire",
    "published": "2025-01-09",
    "body": "A fire destroyed four thousand books in the city library of Tarn on Wednesday night. Nobody was injured."
    "\n\nLibrarian Yusuf al-Harithi blamed an old heater in the reading room. The roof will be rebuilt by autumn.",
}
QUARRY = {
    "publisher": "Tarn Observer",
    "body": "The slate quarry above Tarn employs 310 people. Its owner plans to sell it to the miners.",
}

DOCUMENTS = ("ferry.md", "herring.txt", "tarn.jsonl.gz#1", "tarn.jsonl.gz#2")


def write_articles(folder: Path) -> Path:
    """Write the articles into a folder, which is made, and return it."""
    folder.mkdir(parents=True)
    (folder / "ferry.md").write_text(FERRY, encoding="utf-8")
    (folder / "herring.txt").write_text(HERRING, encoding="utf-8")
    lines = "\n".join(map(json.dumps, (LIBRARY, QUARRY)))
    (folder / "tarn.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def open_gazette(data: Path) -> Store:
    """Open a store in a folder with the real embedding model, whatever the environment says."""
    return open_store(Settings.model_construct(data=data))
