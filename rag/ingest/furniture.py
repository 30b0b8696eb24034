"""One paragraph of a page in, whether its wording is page furniture out: menus, share bars, notices, calls to readers.

The patterns are the common stock of news pages, one family a line, and match whole paragraphs only, so that a sentence
that merely contains such words stays. What cannot be told by wording is left to `cleaning`, which sees the neighbours.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


NETWORKS = _words(
    "facebook twitter x whatsapp telegram linkedin reddit pinterest tumblr messenger instagram youtube tiktok threads "
    "flipboard viber bluesky mastodon snapchat discord wechat weibo vk"
)
_SHARING = _words("share tweet print email e-mail save bookmark copy link send pin comment comments gift")
_AROUND_SHARING = _words("this that article story page post on via to with by in click opens new window")

_NETWORK = rf"\b(?:{'|'.join(sorted(NETWORKS))})\b"
_PERIOD = r"(?:sec(?:ond)?|min(?:ute)?|h(?:ou)?r|day|week|month|year)s?"
_PIECE = r"(?:article|story|stories|post|page|news|content)s?"
_COUNTED = r"(?:share|view|like|comment|retweet|follower|reaction|repl(?:y|ie))s?"
_LONGEST = 400  # characters; a cookie notice. What is longer is somebody's text
_LONGEST_LINK = 24  # words

# Fixed wording: furniture whatever punctuation follows.
_FIXED = _any_of(
    # moving about the page
    r"(?:skip|jump|back) to (?:the )?(?:main |primary )?(?:content|navigation|menu|search|top|footer|article)",
    r"menu|search|close|loading|(?:previous|next) (?:article|post|story)|learn more|find out more",
    r"log ?in|sign ?(?:in|up)|register|subscribe(?: now| today)?|play video|(?:watch|listen) (?:now|live)",
    r"contact us|about us|advertise with us|do not sell my (?:personal )?info(?:rmation)?|all rights reserved",
    # counters and clocks
    r"(?:read(?:ing)? time\W*)?(?:about )?\d+[ -]min(?:ute)?s?(?: of)? (?:read(?:ing)?|listen)(?: time)?",
    rf"read(?:ing)? time\W*\d+ {_PERIOD}|(?:(?:updated|posted|published)\W*)?(?:\d+|an?|one) {_PERIOD} ago",
    rf"[\d.,]+ ?[km]? {_COUNTED}",
    # advertising and consent
    r"(?:(?:advertisement|advert|publicidad|publicité|pubblicità|anzeige|werbung|реклама|إعلان)s?\W*)+",
    rf"(?:advertisement\W+)?{_PIECE} continues (?:below|after)(?: th(?:is|e))?(?: ad(?:vert(?:isement)?)?)?",
    r"(?:continue reading|scroll to continue)(?: (?:below|with content|the main story))?",
    r"sponsored(?: (?:content|post|links?))?|promoted(?: content)?|paid (?:post|content|partnership)",
    r"(?:accept|reject|allow|decline) (?:all|cookies|all cookies)",
    r"(?:manage|cookie|privacy) (?:preferences|settings|choices|policy|notice)",
    r"terms(?: of (?:use|service)|(?: and| &) conditions)",
    # the comment form
    r"leave a (?:reply|comment|response)(?: cancel reply)?|cancel reply|reply",
    r"(?:post|add|write|submit) (?:a |your )?comment|(?:view|show|hide|load) (?:all |more |\d+ )*(?:comments?|replies)",
    r"comments? ?\(?(?:\d+|are closed|closed|off)\)?|join the (?:conversation|discussion)",
    r"be the first to (?:comment|reply).*|(?:log|sign) in to (?:comment|reply|post|leave|continue|read).*",
    r"your e-?mail address will not be published.*|required fields are marked.*|save my name.* browser.*",
    r"notify me of (?:new|follow).*|this site uses akismet.*|(?:name|e-?mail|website|comment) ?\*",
    r"was this (?:article |page )?helpful.*|thank you for your feedback",
)
# Headings over lists of other articles.
_LIST_HEADING = _any_of(
    rf"related(?: (?:links|topics|coverage|reading|{_PIECE}))?|recommended(?: (?:for you|reading|{_PIECE}))?",
    r"most (?:read|popular|viewed|shared|commented)|trending(?: now| today| stories)?|popular (?:now|posts|stories)",
    rf"(?:latest|top|more) (?:headlines|{_PIECE})|editor'?s'? picks?|up next|(?:from )?around the web",
    r"you (?:may|might) (?:also )?(?:like|be interested in)|in case you missed it|also read",
    r"(?:see|read|watch|show|load|view) (?:also|next|more|less|all)|(?:continue|keep) reading|more from [^.!?]{2,40}",
)
# Links with an open end: when they close like a sentence they get the benefit of the doubt.
_LINK = _any_of(
    r"(?:(?:also )?read(?: more| also| next| this)?|see (?:also|more)|related(?: \w+)?|more on this|don't miss|up next"
    r"|recommended|watch(?: live| more| now| also)?|listen|topics|tags?|filed under|categor(?:y|ies)) ?[:|»→].*",
    r"(?:share|print|e-?mail|save|bookmark|copy|report) (?:this|the) (?:article|story|page|post|link|error).{0,30}",
    rf"(?:follow|find|like|join|watch|connect with) .{{2,40}} (?:on|via) (?:social media|{_NETWORK}).{{0,60}}",
    r"(?:\S+ ){0,4}(?:icon|logo|thumbnail|avatar|spinner)",
)
# Calls to the reader and legal lines. They are sentences too, so reported speech is never one of them.
_CALL = _any_of(
    r"(?:please )?(?:subscribe|sign up|register)\b.*\b(?:newsletters?|inbox|updates|briefing|digest|news alerts|podcast"
    r"|subscription|unlimited|free (?:account|trial)|(?:our|youtube|telegram|whatsapp) .*channel)\b.*",
    r"(?:get|receive)\b.*\b(?:your (?:e-?mail )?inbox|newsletters?|our (?:free )?app|breaking news alerts"
    r"|the latest (?:news|headlines|updates))\b.*",
    r"(?:stay|keep) (?:updated|informed|up[ -]to[ -]date|connected|tuned|in touch|in the know)\b.*",
    rf"(?:follow|find|like|join|connect with) (?:us|our)\b.*(?:social media|channel|group|community|{_NETWORK}).*",
    r"(?:download|install|get) (?:our|the .{2,30}) (?:free |mobile |news )?app\b.*",
    r"(?:support|help fund|donate to|help us)\b.*\b(?:independent journalism|our (?:journalism|newsroom))\b.*",
    r"already an? (?:subscriber|member)\b.*|create (?:an|your) (?:free )?account (?:to|or|for)\b.*",
    rf"this {_PIECE} is (?:only |exclusively )?(?:for|available to|reserved for) .{{0,20}}(?:subscribers|members)\b.*",
    r"(?:to )?(?:continue|keep) reading (?:this|the|your)\b.*|you(?: have|'ve)\b.*\bfree (?:articles?|stories)\b.*",
    r"(?:[^.!?]{0,60}\W)?click here (?:to|for)\b.*|(?:have|got) a (?:news )?tip\b.*\b(?:contact|e-?mail|send)\b.*",
    r"(?:this|our) (?:web)?sites? uses? cookies\b.*|we (?:and our .{0,20}partners )?(?:use|store) .{0,40}cookies\b.*",
    r"by \w+ing\b.*\byou (?:agree|consent|accept|acknowledge)\b.*|(?:you can )?unsubscribe (?:at )?any ?time\b.*",
    r"(?:©|\(c\) |copyright (?:©|\(c\)|\d{4})).*|.{0,80} (?:©|\(c\)|copyright) ?\d{4}\b.*",
    r".{0,80}\ball rights reserved\b.*|the post .*\bappeared first on\b.*",
)
_REPORTED = _any_of(
    r"\b(?:said|says?|told|tells|shout(?:ed|s)|add(?:ed|s)|wrote|writes|ask(?:ed|s)|urg(?:ed|es)|warn(?:ed|s)|replied"
    r"|according to|announced|report(?:ed|s)|claim(?:ed|s)|promised)\b"
)
_MACHINE = _any_of(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",  # a UUID
    r"(?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{16,}",  # a hash
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?",  # metadata reads it
    r"0",  # nothing has happened to this article yet
)
# Metadata keeps the site as the article's origin.
CREDITED_SITE = _any_of(
    r"(?:(?:original|article|news|story) )?source ?: ?"
    r"(?:https?://)?(?:www\.)?(?P<site>(?:[a-z0-9-]+\.)+[a-z]{2,})(?:/\S*)?"
)
_SEPARATOR = re.compile(r"\s*[|·•»]\s*|\s+>\s+")


def is_furniture(paragraph: str) -> bool:
    """Tell by its wording that a paragraph belongs to the page and not to the article."""
    core = _core(paragraph)
    if not any(map(str.isalnum, core)):
        return True
    if len(core) > _LONGEST:
        return False
    bare = core.rstrip(" .:!?…")
    if _FIXED.fullmatch(bare) or _MACHINE.fullmatch(bare) or heads_a_list(paragraph):
        return True
    calls = _CALL.fullmatch(core) or CREDITED_SITE.fullmatch(bare) or _is_link(core) or _is_bar(core)
    return bool(calls) and not _REPORTED.search(core)


def heads_a_list(paragraph: str) -> bool:
    """Tell a heading over links to other articles: `Most read`, `Related stories:`."""
    return bool(_LIST_HEADING.fullmatch(_core(paragraph).removesuffix("...").rstrip(" :!?…")))


def _core(paragraph: str) -> str:
    return paragraph.strip(" ·•|»›→←*-–—_[]<>▶►#").replace("’", "'")


def _is_link(core: str) -> bool:
    words = {word.strip("().,:!") for word in core.casefold().split()}
    if words <= _SHARING | _AROUND_SHARING | NETWORKS and (words & _SHARING or len(words & NETWORKS) > 1):
        return True
    return len(words) <= _LONGEST_LINK and core[-1] not in ".!?" and bool(_LINK.fullmatch(core))


def _is_bar(core: str) -> bool:
    """Recognise `About us | Contact us | Share`: every piece is furniture itself."""
    pieces = [piece for piece in _SEPARATOR.split(core) if piece]
    return len(pieces) > 1 and all(_FIXED.fullmatch(piece) or _is_link(piece) for piece in pieces)
