# tests of src/json
