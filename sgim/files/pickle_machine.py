"""Runs the program that a pickle is, without executing anything outside of this file's lists.

bytes of one pickle -> steps -> dict, list, tuple, set, text, numbers, and what its names stand for

A pickle calls whatever it can name. Here names are looked up by a function that is passed in, and
every step is paid for from a `Budget` that the size of the file sets: a program that costs more
than its size is refused. That is why this is a machine of its own and not a child of Python's
unpickler, which hashes, copies and allocates whatever it is told to.
"""

import pickle
import pickletools
from collections.abc import Callable
from typing import BinaryIO

FREE_MEMORY = 2**22
COSTS = {"EMPTY_SET": 256, "EMPTY_DICT": 96, "EMPTY_LIST": 96, "MARK": 32}
COSTS |= dict.fromkeys(("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "LIST", "DICT"), 96)
COSTS |= dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), 128)
COSTS |= dict.fromkeys(("REDUCE", "NEWOBJ", "INST"), 256)
COST_OF_A_STEP = 64
COST_OF_AN_ITEM = 128
"""Bytes of memory, about: of what a step makes, and of an item in a dict or a set."""

KINDS_OF_KEYS = (str, bytes, int, float, bool, type(None))


class Refusal(Exception):
    """The program names something that is not in the table."""


class TooCostly(Exception):
    """The program costs more than a file of its size may."""


def expect(condition: bool, otherwise: str) -> None:
    """Raise `pickle.UnpicklingError(otherwise)`, a sign of damage, unless `condition` holds."""
    if not condition:
        raise pickle.UnpicklingError(otherwise)


class Budget:
    """What may be spent on a file of `num_bytes`, all its pickles together.

    Weight files are mostly numbers: what the steps make is far smaller than these.
    """

    def __init__(self, num_bytes: int) -> None:
        self._left = dict.fromkeys(("bytes of numbers", "bytes", "streams"), num_bytes)
        self._left["tensors"] = 2 * num_bytes
        self._left["memory"] = FREE_MEMORY + num_bytes

    def take(self, what: str, amount: int) -> None:
        """Spend; raise `TooCostly` where nothing is left."""
        self._left[what] -= amount
        if self._left[what] < 0:
            raise TooCostly(f"more {what} than its size allows")


class Inert:
    """Stands for an object of a class that is not ours: its `arguments` and its `state`."""

    def __init__(self, *arguments) -> None:
        self.arguments = arguments
        self.state = None


class PlainDict(dict):
    """Stands for kinds of dict; attributes that a pickle wants to set on it are dropped."""

    def __init__(self, pairs=()) -> None:
        super().__init__()
        for key, value in pairs.items() if isinstance(pairs, dict) else pairs:
            self[checked_key(key)] = value


def checked_key(key: object) -> object:
    """The key, which must be text or a number: to hash a nest of tuples may take for ever."""
    if type(key) not in KINDS_OF_KEYS:
        raise TooCostly(f"a key that is a {type(key).__name__}, and no text or number")
    return key


class PickleMachine:
    """One pickle after the other from a file.

    Parameters
    ----------
    file : binary file, at the beginning of a pickle
    budget : Budget
    find : callable
        (module, name) -> what it stands for: a function, a class, or a constant.
    load_persistent : callable
        What a persistent identity stands for.
    """

    def __init__(
        self,
        file: BinaryIO,
        budget: Budget,
        find: Callable[[str, str], object],
        load_persistent: Callable[[object], object],
    ) -> None:
        self.file, self.budget = file, budget
        self.find, self.load_persistent = find, load_persistent

    def run(self) -> object:
        """What the next pickle in the file makes."""
        self.stack: list = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}
        for opcode, argument, _place in pickletools.genops(self.file):
            self.budget.take("memory", COSTS.get(opcode.name, COST_OF_A_STEP))
            expect(opcode.name in STEPS, f"the step {opcode.name}")
            STEPS[opcode.name](self, argument)
        return self.stack.pop()

    def push(self, value: object) -> None:
        self.stack.append(value)

    def take(self, count: int) -> list:
        """Take the last `count` values from the stack."""
        expect(len(self.stack) >= count, "an empty stack")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def since_mark(self) -> list:
        """Take what lies above the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def mark(self, _argument) -> None:
        self.marks.append(len(self.stack))

    def pop(self, _argument) -> None:
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self.stack.pop()

    def put(self, index: int | None) -> None:
        self.memo[len(self.memo) if index is None else index] = self.stack[-1]

    def extend(self, items: list) -> None:
        expect(type(self.stack[-1]) is list, "items for what is no list")
        self.stack[-1].extend(items)

    def add(self, items: list) -> None:
        expect(type(self.stack[-1]) is set, "items for what is no set")
        self.budget.take("memory", COST_OF_AN_ITEM * len(items))
        self.stack[-1].update(map(checked_key, items))

    def set_items(self, items: list) -> None:
        target = self.stack[-1]
        expect(isinstance(target, dict) and len(items) % 2 == 0, "items for what is no dict")
        self.budget.take("memory", COST_OF_AN_ITEM * len(items) // 2)
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[checked_key(key)] = value

    def push_dict(self, items: list) -> None:
        self.push({})
        self.set_items(items)

    def look_up(self, module: object, name: object) -> None:
        expect(isinstance(module, str) and isinstance(name, str), "a name that is no text")
        self.push(self.find(module, name))

    def call(self, arguments: object) -> None:
        """Call what lies on top of the stack; containers are paid for, as they may be copied."""
        expect(type(arguments) is tuple, "arguments that are no tuple")
        containers = (one for one in arguments if isinstance(one, (list, tuple, dict, set)))
        self.budget.take("memory", COST_OF_AN_ITEM * sum(map(len, containers)))
        self.push(self.stack.pop()(*arguments))

    def build(self, names: str) -> None:
        """Name and call in one step, as the oldest protocols do."""
        arguments = tuple(self.since_mark())
        self.look_up(*names.split(" ", 1))
        self.call(arguments)

    def set_state(self, state: object) -> None:
        target = self.stack[-1]
        expect(isinstance(target, (Inert, PlainDict)), "state of what has none")
        if isinstance(target, Inert):
            target.state = state


STEPS: dict[str, Callable[[PickleMachine, object], object]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, argument: None),
    **dict.fromkeys(
        (
            *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "FLOAT", "BINFLOAT"),
            *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
            *("STRING", "BINSTRING", "SHORT_BINSTRING"),
            *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
        ),
        PickleMachine.push,
    ),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_SET": lambda machine, _: machine.push(set()),
    "MARK": PickleMachine.mark,
    "POP": PickleMachine.pop,
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "LIST": lambda machine, _: machine.push(machine.since_mark()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.push(tuple(machine.take(1))),
    "TUPLE2": lambda machine, _: machine.push(tuple(machine.take(2))),
    "TUPLE3": lambda machine, _: machine.push(tuple(machine.take(3))),
    "DICT": lambda machine, _: machine.push_dict(machine.since_mark()),
    "APPEND": lambda machine, _: machine.extend(machine.take(1)),
    "APPENDS": lambda machine, _: machine.extend(machine.since_mark()),
    "ADDITEMS": lambda machine, _: machine.add(machine.since_mark()),
    "SETITEM": lambda machine, _: machine.set_items(machine.take(2)),
    "SETITEMS": lambda machine, _: machine.set_items(machine.since_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), PickleMachine.put),
    **dict.fromkeys(
        ("GET", "BINGET", "LONG_BINGET"), lambda machine, index: machine.push(machine.memo[index])
    ),
    "GLOBAL": lambda machine, names: machine.look_up(*names.split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.look_up(*machine.take(2)),
    "INST": PickleMachine.build,
    **dict.fromkeys(("REDUCE", "NEWOBJ"), lambda machine, _: machine.call(*machine.take(1))),
    "BUILD": lambda machine, _: machine.set_state(*machine.take(1)),
    "BINPERSID": lambda machine, _: machine.push(machine.load_persistent(*machine.take(1))),
}
"""The steps that files of weights take; another one is a sign of damage."""
