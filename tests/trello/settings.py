"""What tests may choose where Trello's behaviour varies or is not known."""

import dataclasses


@dataclasses.dataclass
class Settings:
    # The text for a token past its date: "expired token" is also reported.
    expired_body: str = 'invalid token'
    # What a write without credentials gets; earlier it was "unauthorized
    # permission requested".
    anonymous_write: str = 'missing scopes'
    # Whether each route of a batch counts against the rate limits.
    batch_items_count: bool = False
    # GET .../cards answers with at most this many, the newest.
    cards_page: int = 1000
    # Nested cards of a board: no cap unless set.
    nested_cards: int = None
    # More cards than this in one reply: 403 API_TOO_MANY_CARDS_REQUESTED.
    too_many_cards: int = None
    # The same, where every card also brings its own actions.
    too_many_cards_with_actions: int = 1000
    # Whether GET /1/search answers; its limit is strict.
    search: bool = True
    # Object limits: reaching one is 403.
    max_cards: int = 5000           # open, on one board
    max_lists: int = 500            # open, on one board
    max_checklists: int = 500       # on one card
    max_items: int = 200            # in one checklist
    max_attachments: int = 1000     # on one card
    # Bytes in one attachment.
    upload_max: int = 10 * 1024 * 1024
    # Seconds an OAuth 1.0a timestamp may be off.
    oauth_skew: float = 300
    gzip: bool = True
