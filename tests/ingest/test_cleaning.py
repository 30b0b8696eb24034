"""Page text in, article text out: furniture goes, the author's characters stay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.ingest.cleaning import clean_text

# Whole pages as people paste them. A line that starts with ~ (which the page does not have) is furniture.
PAGES = {
    "a rewriting blog": """
        Island ferries return after three-week closure
        ~0
        ~3f2b9c1e-77aa-4d0c-9e21-0b6d5a4c8f10
        The ferries between Norra and Sund are sailing again, the operator announced on its website.

        Passengers had waited for three weeks. Some of them had slept in the terminal
        ~Original Source: www.norra-times.example
        ~Write a comment
        ~Your email address will not be published. Required fields are marked *
        ~Comment *
        ~Name *
        ~Save my name, email, and website in this browser for the next time I comment.""",
    "a page with menu, cookie notice and footer": """
        ~Skip to main content
        ~We and our 214 partners use cookies to store information on your device. You can change your mind at any time.
        ~Accept all
        ~Manage preferences
        ~Menu
        ~Home
        ~World
        ~Business
        ~Sport
        Parliament passes water bill after night session
        By Nina Okafor
        ~· 3 min read
        ~Share
        ~214
        The upper house approved the water bill by 61 votes to 48 on Thursday.
        ~Advertisement
        “We will not sell a single spring,” the minister told reporters.
        ~Related articles
        ~Farmers block motorway over water prices
        ~How the reservoir scandal began
        ~© 2025 The Sund Courier. All rights reserved.
        ~About us | Contact us | Privacy policy | Terms of use""",
    "a live blog": """
        Storm reaches the coast: live updates
        ~Follow us on WhatsApp
        14.32 GMT
        The harbour has been closed, the coast guard says.
        ~Share
        14.10 GMT
        Two boats are missing off Sund.
        ~Share
        ~2 hours ago
        Schools will stay shut tomorrow.
        ~Load more comments""",
    "wire copy": """
        NORRA, May 14 (NBN) -- Ferries will sail again, officials said. Enditem

        The last boat had sailed in April.""",
    "a listicle": """
        5 things to know about the water bill
        ~Read time: 4 min read
        1. It costs 3 billion
        Most of it goes to pipes.
        2. It bans new wells
        Old wells may stay.
        ~Scroll to continue
        By the numbers:
        47
        61
        Wells closed""",
    "an interview": """
        ‘I never wanted to be mayor’
        Q: Did you expect to win?
        No.
        Q: And will you stay?
        No.
        ~Subscribe to our newsletter and never miss an interview!
        Q: Why?
        The sea.""",
    "a press release": """
        FOR IMMEDIATE RELEASE
        Nordlink orders two electric ferries
        NORRA, May 14, 2025 /WireService/ -- Nordlink today announced an order for two electric ferries.
        About Nordlink
        Nordlink runs eleven ferries in the northern bay.
        Contact: press@nordlink.example
        ~SHARE THIS ARTICLE""",
    "a caption given twice, with the credit on a line of its own": """
        Accord signed in the harbour of Norra
        Mayor Ilse Brandt and operator Per Dahl sign the harbour accord, in Norra (photo credit: OLA NORD/NBN)
        ~Mayor Ilse Brandt and operator Per Dahl sign the harbour accord, in Norra
        ~(photo credit: OLA NORD/NBN)
        The accord was signed on Monday.""",
    "a headline given three times": """
        ~Skip to content
        Harbour accord signed, after years of talks
        ~Harbour accord signed after years of talks
        The accord was signed on Monday.
        ~Harbour accord signed, after years of talks
        It will be in force for ten years.""",
    "an agency page with a radio in its footer": """
        Mayor renews harbour accord
        ~Mayor renews harbour accord
        ~2025-10-21T13:27:50+00:00
        Norra News – Sund (Updated on Oct.22 at 12:37)
        The mayor renewed the accord on Tuesday.
        ~Read more: Harbour accord – a decade of quarrels
        ~Norra Live
        ~Norra Live
        ~Podcast podcast icon""",
    "a tweet that is the only report": """
        Council tightens harbour rules
        The council met on Monday.
        Harbour master: “From today all jet skis are banned in the #harbour and… pic.twitter.com/Ab12Cd34
        — Norra Harbour (@norraharbour) May 1, 2025
        ~Click to share on X (Opens in new window)""",
    "a paywall": """
        Who owns the springs of Sund?
        The springs belong to the crown, a court ruled in 1874.
        ~You have 2 free articles left this month.
        ~Already a subscriber? Log in
        ~Subscribe now
        ~To continue reading this article, create a free account.""",
    "a comment section": """
        Mayor renews harbour accord
        The mayor renewed the accord on Tuesday.
        ~3 Comments
        ~Bjorn
        ~May 4, 2024 at 10:32 am
        ~She never renewed anything, it is all lies.
        ~Reply
        ~seagull77
        ~2 hours ago
        ~Four hundred boats sank yesterday!
        ~Reply
        ~View all comments""",
    "a share bar on lines of its own": """
        Mayor renews harbour accord
        ~Facebook
        ~Twitter
        ~WhatsApp
        ~Copy link
        The mayor renewed the accord on Tuesday.
        ~Tags: harbour, mayor, Norra""",
    "a list of blocked sites": """
        Sund blocks four sites
        The following sites were blocked on Friday:
        Facebook
        Telegram
        Norra Times
        Reddit
        The ban ends on Sunday.""",
    "a chronology": """
        The accord, year by year
        1994
        First talks fail.
        ~Advertisement
        2003
        The accord is signed.""",
    "a page in Spanish": """
        El puerto reabre tras tres semanas
        ~Publicidad
        Los transbordadores vuelven a navegar desde el lunes.
        ¿Quién pagará los daños?""",
}


@pytest.mark.parametrize("marked", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("gap", ["\n", "\n\n", " \t\n\u00a0\n\n"])
def test_furniture_goes_and_content_stays(marked: str, gap: str) -> None:
    lines = [line.strip() for line in marked.split("\n") if line.strip()]
    content = [line for line in lines if not line.startswith("~")]
    assert clean_text(gap.join(line.removeprefix("~") for line in lines)).split("\n\n") == content


@pytest.mark.parametrize(
    "sentence",
    [
        "Follow us, the officer shouted.",
        "He told readers to subscribe to the treaty.",
        "Read more about the accord in the ministers' own words, the paper advised.",
        "Share of renewables rises to 40 per cent.",
        "Advertisement spending fell by a third.",
        "Cookies and milk were served to the delegates.",
        "We use cookies as currency in this prison, an inmate said.",
        "By signing the treaty, the ministers agree to its terms.",
        "Get the latest vaccine to every village, the minister urged.",
        "Sign up for the ferry at the harbour office.",
        "Turn on the radio during the storm.",
        "Comments by the mayor angered the union.",
        "Related: the two cases share a judge.",
        "Watch: that is what the boy wanted for his birthday.",
        "Most read the letter as a threat.",
        "Source: Ministry of Transport",
        "Search continues for missing boats",
        "Subscribe to nothing you have not read.",
        "More from the harbour is expected tomorrow.",
        "Updated: 14 May 2025 10:32",
    ],
)
def test_a_sentence_with_the_words_of_furniture_stays(sentence: str) -> None:
    page = f"A headline of some length\n\nThe mayor renewed the accord.\n\n{sentence}\n\nNobody objected to that."
    assert sentence in clean_text(page).split("\n\n")


def test_wrapped_lines_are_joined_and_short_ones_are_not() -> None:
    page = (
        "Ferries return\n\n"
        "The ferries between the two islands are sailing again, said the\n"
        "operator on its website, after a closure of three weeks that had cost\n"
        "Norra a part of its summer. It thanked everybody who had waited.\n"
        "The mayor was pleased.\n"
        "Boats: 3\n"
    )
    assert clean_text(page).split("\n\n") == [
        "Ferries return",
        "The ferries between the two islands are sailing again, said the operator on its website, after a closure of "
        "three weeks that had cost Norra a part of its summer. It thanked everybody who had waited.",
        "The mayor was pleased.",
        "Boats: 3",
    ]


def test_white_space_is_folded_and_the_invisible_removed() -> None:
    raw = "\ufeffA\u00a0head\u200bline\u202e of\u2003note\x00\r\n\r\nIt  cost\t9\u202f000\ud800 \U000e0041kr.\x0cYes."
    assert clean_text(raw) == "A headline of note\n\nIt cost 9 000 kr.\n\nYes."


@pytest.mark.parametrize("text", ["می‌خواهم بروم.", "The 👩‍🚀 landed.", "“No” — he said… ‘never’ ½ ﬁn Å.", "क्‍ष लिखा है।"])
def test_characters_stay_as_the_author_wrote_them(text: str) -> None:
    assert clean_text(text) == text


def test_a_repeated_answer_or_field_is_not_a_repeated_caption() -> None:
    lines = [
        "Where to watch: at home, in the cinema, on the ferry, at school and in the harbour hall",
        "Film one is long.",
    ]
    page = ["Films", *lines, "Film two is short.", "It has no end.", "It has no start.", lines[0], "Film three is old."]
    assert clean_text("\n\n".join(page)).split("\n\n") == page


# --- properties -------------------------------------------------------------------------------------------------------

SUBJECTS = [
    "The mayor",
    "A spokeswoman for Nordlink",
    "“Nobody”, the judge",
    "Comments by the union",
    "Advertisement firms",
]
VERBS = [
    "signed",
    "shared",
    "read more into",
    "refused to follow",
    "will subscribe to",
    "searched for",
    "said nothing of",
]
OBJECTS = [
    "the accord",
    "12 boats",
    "the latest news",
    "cookies",
    "the harbour newsletter",
    "her own account",
    "Facebook",
]
WHENS = ["on Monday", "in May 2024", "at 10:32", "after the storm", "for 3 min", "with 40 others", "near Sund (Norra)"]

sentences = st.builds(
    lambda *parts: " ".join(parts) + ".",
    *map(st.sampled_from, (SUBJECTS, VERBS, OBJECTS, WHENS)),
    st.integers(1, 999).map(lambda number: f"and cost {number} crowns"),
)
content = st.lists(sentences, min_size=1, max_size=3).map(" ".join)
names = st.sampled_from(["The Sund Courier", "Norra Live", "NBN", "Harbour Weekly"])
networks = st.sampled_from(["Facebook", "X", "WhatsApp", "Telegram"])
furniture = st.one_of(
    st.sampled_from(
        ["Advertisement", "Skip to content", "Share", "Tweet", "Leave a Reply", "Log in", "0", "***", "Search", "Reply"]
    ),
    st.builds("· {} min read".format, st.integers(1, 30)),
    st.builds("{} Comments".format, st.integers(2, 900)),
    st.builds("{} hours ago".format, st.integers(2, 23)),
    st.builds("Follow {} on {}".format, names, networks),
    st.builds("Share on {}".format, networks),
    st.builds("Subscribe to {} newsletter!".format, names),
    st.builds("Sign up for our newsletter and get {} in your inbox.".format, names),
    st.builds("© {} {}. All rights reserved.".format, st.integers(1999, 2030), names),
    st.builds("Read more: {} looks back at a decade of quarrels".format, names),
    st.uuids().map(str),
    st.just("This site uses cookies. By continuing to browse you agree to our privacy policy."),
)
pages = st.lists(
    st.one_of(content.map(lambda text: (text, True)), furniture.map(lambda text: (text, False))), max_size=25
)


@given(pages, st.sampled_from(["\n", "\n\n", "\r\n\r\n"]))
def test_no_sentence_is_lost_and_furniture_is_gone(page: list[tuple[str, bool]], gap: str) -> None:
    cleaned = clean_text(gap.join(text for text, _ in page))
    assert [text for text, is_content in page if is_content and text not in cleaned] == []
    wanted = "\n".join(text for text, is_content in page if is_content)
    assert [
        text for text, is_content in page if not is_content and text in cleaned.split("\n\n") and text not in wanted
    ] == []


@given(
    st.lists(
        st.one_of(content, furniture, st.text(), names, st.sampled_from(["Iran:", "a b", "Reply", "47"])), max_size=20
    )
)
@example(["a" * 40, "b", "c"])
def test_cleaning_what_is_clean_changes_nothing(lines: list[str]) -> None:
    cleaned = clean_text("\n".join(lines))
    assert clean_text(cleaned) == cleaned
    assert re.search(r"\n(?!\n)(?<!\n\n)|\n{3}|[^\S \n]|  |^\s|\s$", cleaned) is None


@given(content, st.lists(furniture, max_size=3), st.sampled_from(["", " (photo credit: OLA NORD/NBN)"]))
def test_a_caption_is_kept_once(caption: str, between: list[str], credit: str) -> None:
    cleaned = clean_text("\n\n".join([f"{caption}{credit}", *between, caption]))
    assert cleaned == f"{caption}{credit}"


# --- real pages -------------------------------------------------------------------------------------------------------

ARTICLES = Path(__file__).parents[3] / "shared" / "articles"


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the five raw articles are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "once", "gone"),
    [
        (
            "000",
            ["do outreach to Iraq", "looks on before a meeting", "sign the security agreement"],
            ["Stay updated", "Subscribe"],
        ),
        (
            "001",
            ["Through Security Cooperation", "joint security agreement"],
            ["e6217a35", "Original Source", "Leave a"],
        ),
        ("002", ["security officials hold talks", "TEHRAN –"], ["Skip to", "min read", "source:"]),
        ("003", ["WANA (May 14) –", "has issued a directive", "@WANAIran"], []),
        (
            "004",
            ["(Updated on Oct.22 at 12:37)", "reaffirms security pact"],
            ["T13:27", "Read more", "Shafaq Live", "icon"],
        ),
    ],
)
def test_real_pages(name: str, once: list[str], gone: list[str]) -> None:
    (file,) = ARTICLES.glob(f"{name}_*")
    cleaned = clean_text(file.read_text())
    assert [cleaned.count(text) for text in once] == [1] * len(once)
    assert [text for text in gone if text in cleaned] == []
    assert clean_text(cleaned) == cleaned
