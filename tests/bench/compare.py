"""The same work on the local disk, the mount and the peers in turn."""

import os

from . import report, timing

DROP = '/proc/sys/vm/drop_caches'
GREP_LIMIT = 1.5


class Local:
    """The same tree on the local disk."""

    name = 'local disk'

    def __init__(self, root):
        self.root = root

    def remount(self):
        pass


def can_drop():
    return os.access(DROP, os.W_OK)


def drop_caches():
    """Everything that the kernel has cached, of every file system."""
    os.sync()
    with open(DROP, 'w', encoding='ascii') as file:
        file.write('3')


class Comparison:
    def __init__(self, options, works, places, folder):
        """places: the local disk, the mount, then the peers."""
        self.options = options
        self.works = works
        self.places = places
        self.sink = timing.Sink()
        self.empty = os.path.join(folder, 'empty')
        os.mkdir(self.empty)

    def warm(self):
        """Everything was read before."""
        for work in self.works:
            outputs = [self.output(work, place) for place in self.places]
            if work.same and any(each != outputs[0] for each in outputs[1:2]):
                raise RuntimeError(f'{work.name}: the mount and its copy '
                                   'do not give the same')
            times, = self.alternate(work, self.options.runs,
                                    self.options.peer_runs)
            self.show(work.name, times)
            if work.name == 'grep -r':
                self.judge(times)

    def fresh(self):
        """The mounts are new to the kernel; the local disk is as it was."""
        self.after(lambda place: place.remount(), 2)

    def cold(self):
        """Nothing of any file system is in the kernel's caches."""
        def prepare(place):
            place.remount()
            drop_caches()
        self.after(prepare, 1)

    def after(self, prepare, times):
        for work in self.works:
            def ready(place, work=work):
                prepare(place)
                self.load_program(work)
            first, *again = self.alternate(work, self.options.cold_runs, 1,
                                           ready, times)
            self.show(work.name, first)
            for each in again:
                self.show('    again', each)

    def load_program(self, work):
        """The tool itself is not what is timed."""
        argv = [work.argv[0], '--version']
        timing.run(argv, self.empty, self.sink)

    def output(self, work, place):
        timing.run(work.argv, place.root, self.sink)
        return self.sink.lines() if work.same else None

    def alternate(self, work, runs, peer_runs, prepare=None, times=1):
        """Seconds: for each of so many times in a row, for each place, a
        list of runs."""
        seconds = [[[] for _ in self.places] for _ in range(times)]
        for number in range(runs):
            for index, place in enumerate(self.places):
                if index >= 2 and number >= peer_runs:
                    continue
                if prepare:
                    prepare(place)
                for each in seconds:
                    each[index].append(
                        timing.run(work.argv, place.root, self.sink))
        return seconds

    def heading(self):
        report.heading([place.name for place in self.places])

    def show(self, name, times):
        local = times[0]
        report.row(name, timing.median(local) * 1000, [
            (timing.median(each) * 1000, timing.median_ratio(each, local))
            if each else (None, None) for each in times[1:]])

    def judge(self, times):
        self.grep_ratio = timing.median_ratio(times[1], times[0])

    def judgement(self):
        report.fact('warm grep -r, against the local disk',
                    f'{self.grep_ratio:.2f}x', f'{GREP_LIMIT}x',
                    self.grep_ratio <= GREP_LIMIT)
