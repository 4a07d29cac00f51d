"""Imports every module that declares routes."""

from . import (routes_boards, routes_cards, routes_login, routes_members,
               writes_attachments, writes_boards, writes_cards, writes_items,
               writes_lists, writes_people)

__all__ = ['routes_boards', 'routes_cards', 'routes_login',
           'routes_members', 'writes_attachments', 'writes_boards',
           'writes_cards', 'writes_items', 'writes_lists', 'writes_people']
