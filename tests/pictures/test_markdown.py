"""Discord's markdown as HTML: every rule, and any text at all."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markdown import escaped, visible
from tests.pictures.element import UNPRINTABLE
from tests.pictures.markdown import Reader, blocks

READER = Reader(datetime(2025, 1, 2, tzinfo=UTC), {"7": "alice"})
LINK = '<a href="https://a.example/x_(1)">'

# pieces that mean something to Discord, for texts that are full of it
PIECES = """
** * __ _ ~~ || ` ``` [ ] ( ) < > \\ # ## -# - 1. > >>> a 1 : / & " '
@everyone <@7> <@&1> <#1> <t:1> <t:9999999999999:R> </ask:1> <:tick:1>
[a](https://b.example) <https://a.example> https://a.example
""".split()
FORMATTED = st.lists(st.sampled_from([*PIECES, " ", "\n", "\n\n"])).map("".join)
TEXTS = st.text(st.characters()) | FORMATTED


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a **b** c", "a <strong>b</strong> c"),
        ("*a* and _b_", "<em>a</em> and <em>b</em>"),
        ("***a***", "<em><strong>a</strong></em>"),
        ("**a *b* c**", "<strong>a <em>b</em> c</strong>"),
        ("__a__ ~~b~~", "<u>a</u> <s>b</s>"),
        ("___a___", "<em><u>a</u></em>"),
        ("||a **b**||", '<span class="spoiler">a <strong>b</strong></span>'),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        (r"\*a\* \_b\_ \\ \a", r"*a* _b_ \ \a"),
        ("`**a** \\`", "<code>**a** \\</code>"),
        ("`` a`b ``", "<code> a`b </code>"),
        ("[a **b**](https://a.example/x_(1))", f"{LINK}a <strong>b</strong></a>"),
        ("[a](<https://a.example/x_(1)>)", f"{LINK}a</a>"),
        ('[a](https://a.example/x_(1) "title")', f"{LINK}a</a>"),
        ("[[1]](https://a.example/x_(1))", f"{LINK}[1]</a>"),
        ("[a](javascript:alert)", "[a](javascript:alert)"),
        (r"\[a](b)", "[a](b)"),
        ("[https://a.b](<https://c.d>)", '[<a href="https://a.b](">https://a.b](</a><a href="https://c.d">https://c.d</a>)'),
        ("see https://a.example/b.", 'see <a href="https://a.example/b">https://a.example/b</a>.'),
        ("<https://a.example/b>", '<a href="https://a.example/b">https://a.example/b</a>'),
        (r"https\://a.example", "https://a.example"),
        ("<@7> <@!7>", '<span class="mention">@alice</span> <span class="mention">@alice</span>'),
        ("<#8> <@&9>", '<span class="mention">#unknown</span> <span class="mention">@unknown</span>'),
        ("</ask:1> @here", '<span class="mention">/ask</span> <span class="mention">@here</span>'),
        ("<:tick:1>", ":tick:"),
    ],
)  # fmt: skip
def test_what_stands_in_a_line_is_formatted(markdown: str, html: str) -> None:
    assert blocks(markdown, READER) == html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# a\n## b\n### *c*\n#### d\n#e", "<h1>a</h1><h2>b</h2><h3><em>c</em></h3>#### d\n#e"),
        ("a\n-# small **b**\nc", "a\n<small>small <strong>b</strong></small>c"),
        ("> a\n> **b**\nc", "<blockquote>a\n<strong>b</strong></blockquote>c"),
        ("> # a\n> > b", "<blockquote><h1>a</h1>&gt; b</blockquote>"),
        ("a\n>>> b\nc", "a\n<blockquote>b\nc</blockquote>"),
        (">a", "&gt;a"),
        (r"\# a" "\n" r"\> b" "\n" r"\- c", "# a\n&gt; b\n- c"),
        ("a\n```py\nprint('**')\n```\nb", "a\n<pre>print(&#x27;**&#x27;)</pre>b"),
        ("```one line```", "<pre>one line</pre>"),
        (r"\```a```", "```a```"),
        (
            "- a\n  - b\n2. c",
            '<div class="list"><div class="item" style="--depth: 0"><span class="bullet">•</span>a</div>'
            '<div class="item" style="--depth: 1"><span class="bullet">◦</span>b</div>'
            '<div class="item" style="--depth: 0"><span class="bullet">2.</span>c</div></div>',
        ),
    ],
)
def test_what_begins_a_line_makes_a_block(markdown: str, html: str) -> None:
    assert blocks(markdown, READER) == html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<t:1735747445:t>", "16:04"),
        ("<t:1735747445:T>", "16:04:05"),
        ("<t:1735747445:d>", "01/01/2025"),
        ("<t:1735747445:D>", "1 January 2025"),
        ("<t:1735747445>", "1 January 2025 16:04"),
        ("<t:1735747445:F>", "Wednesday, 1 January 2025 16:04"),
        ("<t:1735747445:R>", "7 hours ago"),
        ("<t:1735948800:R>", "in 2 days"),
        ("<t:-1:D>", "31 December 1969"),
    ],
)
def test_times_are_written_out(written: str, shown: str) -> None:
    assert blocks(written, READER) == f'<span class="time">{shown}</span>'


def test_text_never_becomes_html() -> None:
    assert blocks("<script>alert('&')</script>", READER) == "&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"
    assert (
        blocks('[a](<https://a.example/"onclick="b>)', READER)
        == '<a href="https://a.example/&quot;onclick=&quot;b">a</a>'
    )


@given(TEXTS)
def test_any_text_gives_well_formed_html(text: str) -> None:
    ElementTree.fromstring(f"<p>{blocks(text, READER)}</p>")


@given(TEXTS)
def test_what_the_bot_escapes_is_shown_as_it_is(text: str) -> None:
    shown = ElementTree.fromstring(f"<p>{blocks(escaped(text), READER)}</p>")
    as_it_is = UNPRINTABLE.sub("\ufffd", visible(text))
    assert (len(shown), (shown.text or "").replace("＠", "@")) == (0, as_it_is.replace("＠", "@"))
