EXTRA_DIST += \
	tests/bench/README \
	tests/bench/__init__.py \
	tests/bench/__main__.py \
	tests/bench/account.py \
	tests/bench/big.py \
	tests/bench/compare.py \
	tests/bench/filling.py \
	tests/bench/kernel.py \
	tests/bench/mount.py \
	tests/bench/news.py \
	tests/bench/options.py \
	tests/bench/peers.py \
	tests/bench/process.py \
	tests/bench/report.py \
	tests/bench/searching.py \
	tests/bench/sshd.py \
	tests/bench/timing.py \
	tests/bench/work.py \
	tests/bench/writing.py

# What each means: tests/bench/README.
BENCH_BOARDS = 10
BENCH_LISTS = 10
BENCH_CARDS = 50
BENCH_CARD_BYTES = 1024
BENCH_RUNS = 5
BENCH_COLD_RUNS = 3
BENCH_PEER_RUNS = 2
BENCH_LATENCY = 150
BENCH_IDLE = 10
BENCH_HEAVY_BOARDS = 10
BENCH_HEAVY_CARDS = 5000
BENCH_BIG_BOARDS = 100
BENCH_BIG_CARDS = 1000
BENCH_FOLDER = .
BENCH_PARTS = warm fresh cold requests idle fill write heavy big news search
RUN_BENCH = PYTHONPATH='$(abs_srcdir)/tests' PYTHONDONTWRITEBYTECODE=1 \
	$(PYTEST_PYTHON) -m bench --program ./trellofs$(EXEEXT) \
	--boards $(BENCH_BOARDS) --lists $(BENCH_LISTS) \
	--cards $(BENCH_CARDS) --card-bytes $(BENCH_CARD_BYTES) \
	--runs $(BENCH_RUNS) --cold-runs $(BENCH_COLD_RUNS) \
	--peer-runs $(BENCH_PEER_RUNS) \
	--latency $(BENCH_LATENCY) --idle $(BENCH_IDLE) \
	--heavy-boards $(BENCH_HEAVY_BOARDS) \
	--heavy-cards $(BENCH_HEAVY_CARDS) \
	--big-boards $(BENCH_BIG_BOARDS) --big-cards $(BENCH_BIG_CARDS) \
	--folder '$(BENCH_FOLDER)'

bench: trellofs$(EXEEXT)
	$(RUN_BENCH) --parts '$(BENCH_PARTS)'

bench-big: trellofs$(EXEEXT)
	$(RUN_BENCH) --parts big

.PHONY: bench bench-big
