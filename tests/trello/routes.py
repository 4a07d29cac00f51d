"""Imports every module that declares routes."""

from . import routes_boards, routes_cards, routes_members

__all__ = ['routes_boards', 'routes_cards', 'routes_members']
