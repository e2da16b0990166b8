"""Joins the modules of a room into one, before the firmware is compiled for a board.

Each module costs a board a dictionary of its names, a list of the texts that its code looks up, and its own place in
two more; each name that is imported, a place in such a dictionary. A room's modules know each other anyway. They run
one after the other as they did when they were imported, in one module that has the room's name. A name of one that
means something else to another gets a number; nothing else changes. Lines keep their order and are counted on from
module to module, see Joined.rows.

A module stays by itself when somebody outside wants it by name (`apart`), when it is imported in the midst of
something or as a thing that is more than where its names are, when it stands in a ring of imports, and when its room
wants a module that stays and imports it.
"""

from __future__ import annotations

import ast
import builtins
import functools
import graphlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from assuage_rig.targets.boardconst import Edit, bindings, edited, line_ends, place

_Origin = tuple[str, str | None]  # a module and what it defines or holds; None for the module itself
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTION, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Joined(NamedTuple):
    """texts: by module. rows: for each room, the line at which each of its modules begins, in their order."""

    texts: dict[str, str]
    rows: dict[str, list[tuple[int, str]]]


def join(sources: Mapping[str, str], apart: Collection[str] = ()) -> Joined:
    """The same modules, by name, those of a room as one. Raises SyntaxError with the module as its filename."""
    modules = {name: _Module(name, text, sources) for name, text in sources.items()}
    stay = {*apart, *(name for name in modules if not _room(name, modules))}
    for module in modules.values():
        stay |= module.wanted()
    while True:
        linker = _Linker(modules, _rooms(modules, _with_imports(stay, modules)))
        if not linker.refused:
            return linker.joined()
        stay |= linker.refused


def _room(name: str, modules: Collection[str]) -> str:
    """The room of a module, "" for none."""
    room = name.partition(".")[0]
    return room if any(other.startswith(room + ".") for other in modules) else ""


def _with_imports(stay: set[str], modules: Mapping[str, _Module]) -> set[str]:
    """These, and what those among them import of their own rooms that are imported by a room: they are there before
    it is."""
    found = {*stay}
    mates = {
        name: {other for other in module.imports if _room(other, modules) == _room(name, modules) != ""}
        for name, module in modules.items()
    }
    while True:
        first = {other for name in modules if name not in found for other in mates[name]} & found
        while more := {other for name in first for other in mates[name]} - first:
            first |= more
        if first <= found:
            return found
        found |= first


def _rooms(modules: Mapping[str, _Module], stay: Collection[str]) -> dict[str, list[str]]:
    """The modules to join, in the order in which they run, by room."""
    of = {name: _room(name, modules) for name in modules if name not in stay}
    while True:
        many = Counter(of.values())
        of = {name: room for name, room in of.items() if many[room] > 1}
        rooms = {room: [name for name in of if of[name] == room] for room in of.values()}
        after = {name: [other for other in of if other in modules[name].imports] for name in of}
        try:
            _order({room: [of[n] for m in names for n in after[m] if of[n] != room] for room, names in rooms.items()})
            return {r: _order({m: [n for n in after[m] if of[n] == r] for m in names}) for r, names in rooms.items()}
        except graphlib.CycleError as error:
            of = {name: room for name, room in of.items() if not {name, room} & {*error.args[1]}}


def _order(after: Mapping[str, Iterable[str]]) -> list[str]:
    return list(graphlib.TopologicalSorter(after).static_order())


class _Module:
    def __init__(self, name: str, text: str, sources: Mapping[str, str]) -> None:
        self.name = name
        self.text = text
        self._sources = sources
        tree = ast.parse(text, name)
        dead = {id(node) for block in _dead(tree) for node in ast.walk(block)}
        self.at_top = tree.body
        self.nodes = [node for node in ast.walk(tree) if id(node) not in dead]
        methods = {id(s) for n in self.nodes if isinstance(n, ast.ClassDef) for s in n.body if isinstance(s, _FUNCTION)}
        self.bound = Counter(bindings(node for node in self.nodes if id(node) not in methods))
        top = (node for statement in tree.body for node in _of_scope(statement) if id(node) not in dead)
        said = (node for node in self.nodes if isinstance(node, ast.Global))
        self.bound_at_top = Counter(bindings([*top, *said]))
        self.known = {*self.bound, *(node.id for node in self.nodes if isinstance(node, ast.Name))}
        self.origins: dict[str, _Origin] = dict(self._origins())

    def _origins(self) -> Iterator[tuple[str, _Origin]]:
        """What each name means that is bound at the top; what is bound twice is the module's own."""
        for name in self.bound_at_top:
            yield name, (self.name, name)
        for statement in self.at_top:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                for alias in statement.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    if self.bound_at_top[name] == 1:
                        yield name, self.imported(statement, alias)

    def imported(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> _Origin:
        """What an import fetches."""
        if isinstance(statement, ast.Import):
            return (alias.name if alias.asname else alias.name.partition(".")[0]), None
        inner = f"{statement.module}.{alias.name}"
        return (inner, None) if inner in self._sources else (statement.module or "", alias.name)

    @functools.cached_property
    def imports(self) -> set[str]:
        """Modules of ours that it imports, wherever."""
        found = {a.name for node in self.nodes if isinstance(node, ast.Import) for a in node.names}
        found |= {self.imported(n, a)[0] for n in self.nodes if isinstance(n, ast.ImportFrom) for a in n.names}
        return found & self._sources.keys()

    def wanted(self) -> set[str]:
        """Modules that must stay by themselves for its sake; itself, if it asks how it is called."""
        found = {self.name} if {"__name__", "__file__", "globals"} & self.known else set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                inside = node not in self.at_top
                found |= {self.imported(node, a)[0] for a in node.names if inside and self._of_room(node, a)}
                if node.level or any(alias.name == "*" for alias in node.names):
                    found |= {self.name, node.module or ""}
        taken_apart = {id(attribute.value) for attribute, _ in self.attributes()}
        for node in self.nodes:
            if isinstance(node, ast.Name) and id(node) not in taken_apart:
                module, item = self.origins.get(node.id, ("", ""))
                found |= {module} if item is None else set()
        return found & self._sources.keys()

    def _of_room(self, node: ast.ImportFrom, alias: ast.alias) -> bool:
        """Whether it is a module, or something in one of the same room, which is not there as a whole yet."""
        module, item = self.imported(node, alias)
        return item is None or _room(module, self._sources) == _room(self.name, self._sources)

    def attributes(self) -> Iterator[tuple[ast.Attribute, tuple[str, str]]]:
        """Every `module.name` that is looked up, for modules of ours, and what it is."""
        for node in self.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
                module, item = self.origins.get(node.value.id, ("", ""))
                if item is None and module in self._sources:
                    yield node, (module, node.attr)

    def renameable(self, name: str) -> bool:
        """Whether each place is known at which it means what it means at the top."""
        said = [name for n in self.nodes if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names]
        texts = [n for f in self.nodes if isinstance(f, ast.JoinedStr) for n in ast.walk(f)]
        written = [*said, *(n.id for n in texts if isinstance(n, ast.Name))]
        return self.bound[name] == self.bound_at_top[name] and name not in written


class _Linker:
    """refused: modules that cannot be joined after all."""

    def __init__(self, modules: Mapping[str, _Module], rooms: Mapping[str, list[str]]) -> None:
        self.refused: set[str] = set()
        self._modules = modules
        self._rooms = rooms
        self._room_of = {name: room for room, names in rooms.items() for name in names}
        self._known = {name for module in modules.values() for name in module.known}
        self._called = {room: self._names(room, [modules[n] for n in names]) for room, names in rooms.items()}

    def _origin(self, module: str, name: str) -> _Origin:
        """Where a module's name comes from, through modules that are joined."""
        there, item = self._modules[module].origins.get(name, (module, name))
        if item is None or there == module or there not in self._room_of:
            return there, item
        return self._origin(there, item)

    def _meant(self, module: _Module) -> dict[str, _Origin]:
        """Its names and what they stand for, and those that it looks up in modules that are joined."""
        meant = {name: self._origin(module.name, name) for name in module.origins}
        meant = {name: origin for name, origin in meant.items() if origin[0] not in self._room_of or origin[1]}
        for node, (there, name) in module.attributes():
            if there in self._room_of:
                meant.setdefault(f"{there}.{node.attr}", self._origin(there, name))
        return meant

    def _names(self, room: str, modules: list[_Module]) -> dict[_Origin, str]:
        """What everything is called in a room."""
        meant = {module.name: self._meant(module) for module in modules}
        inside = {n.partition(".")[2] for n in self._modules if n.startswith(room + ".") and n not in self._room_of}
        called: dict[_Origin, str] = {}
        for names in meant.values():
            for name, origin in names.items():
                if origin not in called:
                    short = name.rpartition(".")[2]
                    taken = short in called.values() or short in inside or hasattr(builtins, short)
                    clash = any(_clash(module, meant[module.name], short, origin) for module in modules)
                    called[origin] = self._numbered(short) if taken or clash else short
        for module in modules:
            old = [n for n, origin in meant[module.name].items() if "." not in n and called[origin] != n]
            if not all(module.renameable(name) for name in old):
                self.refused.add(module.name)
        return called

    def _numbered(self, name: str) -> str:
        new = next(f"{name}{n}" for n in range(2, 1000) if f"{name}{n}" not in self._known)
        self._known.add(new)
        return new

    def joined(self) -> Joined:
        """The modules as one."""
        texts = {name: self._edited(m, {}, None) for name, m in self._modules.items() if name not in self._room_of}
        rows: dict[str, list[tuple[int, str]]] = {}
        for room, names in self._rooms.items():
            there: set[_Origin] = set()
            texts[room] = ""
            rows[room] = []
            for name in names:
                rows[room].append((1 + texts[room].count("\n"), name))
                texts[room] += self._edited(self._modules[name], self._called[room], there).rstrip("\n") + "\n"
        return Joined(texts, rows)

    def _edited(self, module: _Module, called: Mapping[_Origin, str], there: set[_Origin] | None) -> str:
        """A module's text. called: names in its room; there: what the room has imported already."""
        new = {name: called.get(origin, name) for name, origin in self._meant(module).items()}
        for name in new:  # a module that stays has no names for what it looks up in those that do not
            if "." in name and not called:
                short = name.rpartition(".")[2]
                new[name] = self._numbered(short) if short in module.known else short
        return edited(module.text, self._edits(module, new, there))

    def _edits(self, module: _Module, new: Mapping[str, str], there: set[_Origin] | None) -> Iterator[Edit]:
        ends = line_ends(module.text)
        for attribute, (owner, name) in module.attributes():
            if owner in self._room_of:
                yield (*place(attribute, ends), new[f"{owner}.{name}"])
        for node in module.nodes:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                if there is not None or any(module.imported(node, alias)[0] in self._room_of for alias in node.names):
                    statements = "; ".join(self._imports(module, node, new, there))
                    yield (*place(node, ends), statements or ("" if node in module.at_top else "pass"))
            elif isinstance(node, ast.Name) and new.get(node.id, node.id) != node.id:
                yield (*place(node, ends), new[node.id])
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node in module.at_top and node.name in new:
                start = place(node, ends)[0] + len("def " if isinstance(node, ast.FunctionDef) else "class ")
                yield start, start + len(node.name.encode()), new[node.name]

    def _imports(
        self, module: _Module, node: ast.Import | ast.ImportFrom, new: Mapping[str, str], there: set[_Origin] | None
    ) -> Iterator[str]:
        """The statements for one, without what the room has or is."""
        room = self._room_of.get(module.name)
        for alias in node.names:
            local = alias.asname or alias.name.partition(".")[0]
            owner, item = module.imported(node, alias)
            if owner not in self._room_of:
                wanted = [(local, (owner, item))]
            elif item is None:
                wanted = [(n, self._origin(o, a)) for n, (o, a) in _looked_up(module, owner).items()]
            else:
                wanted = [(local, self._origin(owner, item))]
            for name, origin in wanted:
                if room and self._room_of.get(owner) == room:
                    continue
                if there is not None and node in module.at_top and module.bound_at_top[local] == 1:
                    if origin in there:
                        continue
                    there.add(origin)
                yield self._import(node, alias, owner, origin, new.get(name, name))

    def _import(
        self, node: ast.Import | ast.ImportFrom, alias: ast.alias, owner: str, origin: _Origin, local: str
    ) -> str:
        known, head = alias.name, "import" if isinstance(node, ast.Import) else f"from {node.module} import"
        if known.startswith(f"{local}."):
            return f"{head} {known}"
        if owner in self._room_of:
            room = self._room_of[owner]
            if origin not in self._called[room]:
                raise SyntaxError(f"{owner} has no {alias.name}", (owner, 1, 0, ""))
            known, head = self._called[room][origin], f"from {room} import"
        return f"{head} {known}" if known == local else f"{head} {known} as {local}"


def _looked_up(module: _Module, owner: str) -> dict[str, tuple[str, str]]:
    return {f"{o}.{node.attr}": (o, node.attr) for node, (o, _) in module.attributes() if o == owner}


def _clash(module: _Module, meant: Mapping[str, _Origin], name: str, origin: _Origin) -> bool:
    """Whether the name may mean something else in a module that is not one of its own: what is built in, or what is
    local where the module wants this."""
    if name in meant or name not in module.known or module.bound_at_top[name]:
        return False
    return not module.bound[name] or origin in meant.values()


def _dead(tree: ast.Module) -> Iterator[ast.AST]:
    """What only a type checker reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value:
            yield from node.body
        for of_type in ("annotation", "returns"):
            if annotation := getattr(node, of_type, None):
                yield annotation


def _of_scope(node: ast.AST) -> Iterator[ast.AST]:
    """What belongs to the same scope as a statement."""
    yield node
    if not isinstance(node, _SCOPES):
        for child in ast.iter_child_nodes(node):
            yield from _of_scope(child)
