EXTRA_DIST += \
	tests/model/__init__.py \
	tests/model/conftest.py \
	tests/model/test_model.py \
	tests/model/world.py
