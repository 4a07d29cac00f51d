# tests of src/text
