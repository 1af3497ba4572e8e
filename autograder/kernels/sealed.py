"""What observes, loaded once more with builtins and libraries of its own.

A cell can replace `builtins.isinstance`, `math.isclose` or `torch.Tensor`, and with that what is
seen of its functions. Whatever observes is therefore made anew before the first cell, and looks
up names in copies that no other module leads to. Code that goes through the frames or the memory
of its own process finds them all the same. It knows modules; not what they do.
"""

from __future__ import annotations

import builtins
import sys
from collections import ChainMap
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any

__all__ = ["sealed"]

#: What is loaded anew: ours, and what writes down what was seen.
_ANEW = ("autograder.observation", "json")
#: Libraries that what observes asks `sys.modules` for.
_ASKED_FOR = ("torch", "jax", "jax.numpy", "pandas")


def sealed(name: str) -> ModuleType:
    """A module among those that observe, or `json`, with names of its own all the way down."""
    with _loaded_anew():
        return import_module(name)


@contextmanager
def _loaded_anew() -> Iterator[None]:
    """Meanwhile imports of these modules make new ones; what was there is there again later."""
    before = {known: sys.modules.pop(known) for known in list(sys.modules) if _is_one(known)}
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for known in [known for known in sys.modules if _is_one(known)]:
            del sys.modules[known]
        sys.modules.update(before)
        for known, module in before.items():  # importing has changed it
            parent, _, child = known.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], child, module)


def _is_one(name: str) -> bool:
    return name.startswith(tuple(f"{part}." for part in _ANEW)) or name in _ANEW


class _Finder(MetaPathFinder):
    def __init__(self) -> None:
        self._copies: dict[str, ModuleType] = {}
        self._builtins = dict(vars(builtins))

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """As the import system asks."""
        found = PathFinder.find_spec(fullname, path) if _is_one(fullname) else None
        if found is None or found.origin is None:
            return None
        return spec_from_file_location(
            fullname,
            found.origin,
            loader=_Loader(fullname, found.origin, self),
            submodule_search_locations=found.submodule_search_locations,
        )

    def prepare(self, module: ModuleType) -> None:
        """Before it runs: builtins that nobody else has."""
        vars(module)["__builtins__"] = self._builtins

    def close(self, module: ModuleType) -> None:
        """When it has run: copies in place of the libraries."""
        for name, value in list(vars(module).items()):
            if isinstance(value, ModuleType) and not _is_one(value.__name__):
                vars(module)[name] = self._copy(value)

    def _copy(self, module: ModuleType) -> ModuleType:
        name = module.__name__
        if name not in self._copies:
            copy = self._copies[name] = ModuleType(name)
            vars(copy).update(vars(module))
            if module is sys:
                known = {n: self._copy(sys.modules[n]) for n in _ASKED_FOR if n in sys.modules}
                vars(copy)["modules"] = _Modules(known, sys.modules)
        return self._copies[name]


class _Modules(ChainMap[str, ModuleType]):
    """Loaded modules: copies of some are found first; what is changed is the real ones."""

    def __setitem__(self, name: str, module: ModuleType) -> None:
        self.maps[-1][name] = module

    def pop(self, name: str, *otherwise: Any) -> Any:
        """Take one out."""
        return self.maps[-1].pop(name, *otherwise)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, finder: _Finder) -> None:
        super().__init__(name, path)
        self._finder = finder

    def exec_module(self, module: ModuleType) -> None:
        """As the import system asks."""
        self._finder.prepare(module)
        super().exec_module(module)
        self._finder.close(module)
