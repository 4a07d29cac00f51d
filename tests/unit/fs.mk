# tests of src/fs
