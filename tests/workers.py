"""A plugin of pytest: --workers N runs the tests in N processes side by side,
because most tests wait most of the time.

What has collected the tests forks, and then only listens.  Each process takes
the next tests as soon as it has ended those before, so that all end together;
those that may take longest come first.  Tests that share what is made once
for their module stay together."""

import multiprocessing
import os
import tempfile
from multiprocessing.connection import wait

import pytest
from _pytest.reports import TestReport


def pytest_addoption(parser):
    parser.addoption('--workers', type=int, default=1, metavar='N',
                     help='run the tests in N processes')


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    option = session.config.option
    if option.workers < 2 or option.collectonly or session.testsfailed:
        return None
    Workers(session, option.workers).run()
    return True


def shared_by(item):
    """What is made for more than this test: the same for those that share
    it."""
    fixtures = item._fixtureinfo.name2fixturedefs
    callspec = getattr(item, 'callspec', None)
    found = [(name, callspec.indices.get(name) if callspec else None)
             for name, made in fixtures.items()
             if made[-1].scope == 'module']
    return (item.parent.nodeid, *sorted(found)) if found else item.nodeid


def longest(item):
    mark = item.get_closest_marker('seconds')
    return mark.args[0] if mark else 0


def grouped(items):
    groups = {}
    for item in items:
        groups.setdefault(shared_by(item), []).append(item)
    return sorted(groups.values(),
                  key=lambda group: -max(len(group), *map(longest, group)))


class Workers:
    def __init__(self, session, number):
        self.session = session
        self.config = session.config
        self.number = number
        self.groups = grouped(session.items)
        self.base = self.config._tmp_path_factory.getbasetemp()
        # The numbers of the groups; all processes share its offset.
        self.queue = tempfile.TemporaryFile(buffering=0)
        for index in range(len(self.groups)):
            self.queue.write(index.to_bytes(4, 'little'))
        self.queue.seek(0)

    def run(self):
        fork = multiprocessing.get_context('fork')
        processes = {}
        for number in range(self.number):
            heard, told = fork.Pipe(duplex=False)
            process = fork.Process(target=self.work, args=(number, told))
            process.start()
            told.close()
            processes[heard] = process
        missing = {item.nodeid: item for item in self.session.items}
        while processes:
            for heard in wait(list(processes)):
                try:
                    self.take(heard.recv(), missing)
                except EOFError:
                    processes.pop(heard).join()
        if self.session.shouldfail:
            raise self.session.Failed(self.session.shouldfail)
        for item in missing.values():
            self.config.hook.pytest_runtest_logreport(report=TestReport(
                item.nodeid, item.location, {}, 'failed',
                'the process that ran it has ended', 'call'))

    def take(self, told, missing):
        hook = self.config.hook
        report = hook.pytest_report_from_serializable(
            config=self.config, data=told)
        hook.pytest_runtest_logreport(report=report)
        if report.when == 'teardown':
            missing.pop(report.nodeid, None)
        if self.session.shouldfail:
            self.queue.seek(0, os.SEEK_END)

    # In a process

    def work(self, number, told):
        self.become_own(number, told)
        while index := self.queue.read(4):
            group = self.groups[int.from_bytes(index, 'little')]
            for item, following in zip(group, [*group[1:], None]):
                self.config.hook.pytest_runtest_protocol(
                    item=item, nextitem=following)

    def become_own(self, number, told):
        plugins = self.config.pluginmanager
        plugins.unregister(name='terminalreporter')
        plugins.register(Teller(self.config, told))
        capture = plugins.getplugin('capturemanager')
        capture.stop_global_capturing()
        capture.start_global_capturing()
        self.config._tmp_path_factory._basetemp = self.base / str(number)
        os.mkdir(self.base / str(number))


class Teller:
    """Tells what came of a test."""

    def __init__(self, config, told):
        self.config = config
        self.told = told

    def pytest_runtest_logreport(self, report):
        self.told.send(self.config.hook.pytest_report_to_serializable(
            config=self.config, report=report))
