# tests of src/trello
