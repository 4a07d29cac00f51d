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
            times = self.alternate(work, self.options.peer_runs,
                                   lambda place: None)
            self.show(work, times)
            if work.name == 'grep -r':
                self.judge(times)

    def fresh(self):
        """The mounts are new to the kernel; the local disk is as it was."""
        self.after(lambda place: place.remount())

    def cold(self):
        """Nothing of any file system is in the kernel's caches."""
        def prepare(place):
            place.remount()
            drop_caches()
        self.after(prepare)

    def after(self, prepare):
        for work in self.works:
            def ready(place, work=work):
                prepare(place)
                self.load_program(work)
            self.show(work, self.alternate(work, 1, ready))

    def load_program(self, work):
        """The tool itself is not what is timed."""
        argv = [work.argv[0], '--version']
        timing.run(argv, self.empty, self.sink)

    def output(self, work, place):
        timing.run(work.argv, place.root, self.sink)
        return self.sink.lines() if work.same else None

    def alternate(self, work, peer_runs, prepare):
        """Seconds for each place, a list of runs."""
        times = [[] for _ in self.places]
        for number in range(self.options.runs):
            for place, mine in zip(self.places, times):
                if place in self.places[2:] and number >= peer_runs:
                    continue
                prepare(place)
                mine.append(timing.run(work.argv, place.root, self.sink))
        return times

    def heading(self):
        report.heading([place.name for place in self.places])

    def show(self, work, times):
        local = times[0]
        report.row(work.name, timing.median(local) * 1000, [
            (timing.median(each) * 1000, timing.median_ratio(each, local))
            if each else (None, None) for each in times[1:]])

    def judge(self, times):
        self.grep_ratio = timing.median_ratio(times[1], times[0])

    def judgement(self):
        report.fact('warm grep -r, against the local disk',
                    f'{self.grep_ratio:.2f}x', f'{GREP_LIMIT}x',
                    self.grep_ratio <= GREP_LIMIT)
