"""Tables, their rows and all tables of a run, as addresses: they cost no reference counts."""

import operator
from functools import cache
from typing import Any
from zlib import crc32

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

from simulator.compiled.door.pipeline import IS_PLAIN


class Table:
    """A numpy array by its address alone: `table[i]` is a number or a record, whose fields are attributes.

    Numba counts references whenever it reads an array from a tuple, which would cost ten times as much as the
    simulation. Whoever makes a table keeps its array; indices are not checked.
    """

    __slots__ = ("address", "array", "records")

    def __init__(self, array: "np.ndarray[Any, Any]"):
        self.array, self.address = array, array.ctypes.data
        self.records = array.view(np.recarray) if IS_PLAIN and array.dtype.names else array

    def __getitem__(self, i: int) -> Any:
        return self.records[i]

    def __setitem__(self, i: int, value: Any) -> None:
        self.records[i] = value


def _short_name(kind: str, what: object) -> str:
    """A name with a digest of what it stands for: it is part of every name in the machine code."""
    return f"{kind}{crc32(str(what).encode()):08x}"


class TableType(types.Type):
    """A table of one kind of records."""

    def __init__(self, record: Any):
        self.record = record
        super().__init__(name=_short_name("Table", record))


@typeof_impl.register(Table)  # type: ignore[untyped-decorator]
def _type_of(table: Table, _: Any) -> TableType:
    return _table_type(table.array.dtype)


@cache
def _table_type(dtype: Any) -> TableType:
    return TableType(numba.from_dtype(dtype))


@register_model(TableType)
class _Model(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Any):
        super().__init__(manager, of, ir.IntType(64))


@unbox(TableType)  # type: ignore[untyped-decorator]
def _unbox(_: Any, table: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(table, "address")
    value = c.pyapi.number_as_ssize_t(address)
    c.pyapi.decref(address)
    return NativeValue(value)


class RowType(types.Type):
    """One record of a table, as its address."""

    def __init__(self, record: Any):
        self.record = record
        super().__init__(name=_short_name("Row", record))


@register_model(RowType)
class _RowModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Any):
        super().__init__(manager, of, ir.IntType(64))


def _apart(builder: Any, access: Any, what: str) -> None:
    """Tell the optimizer that what is read or written here lies elsewhere than all that has another name."""
    add = builder.module.add_metadata
    name = add([what, add(["table"]), ir.Constant(ir.IntType(64), 0)])
    access.set_metadata("tbaa", add([name, name, ir.Constant(ir.IntType(64), 0)]))


def _place(builder: Any, table: TableType, address: Any, i: Any) -> Any:
    record = table.record
    size = record.size if isinstance(record, types.Record) else record.bitwidth // 8
    return builder.add(address, builder.mul(i, ir.Constant(ir.IntType(64), size)))


def _item_type(table: TableType) -> Any:
    return RowType(table.record) if isinstance(table.record, types.Record) else table.record


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, _: Any) -> Any:
        return _item_type(args[0])(args[0], types.int64) if isinstance(args[0], TableType) else None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, _: Any) -> Any:
        return types.none(args[0], types.int64, args[0].record) if isinstance(args[0], TableType) else None


@lower_builtin(operator.getitem, TableType, types.int64)  # type: ignore[untyped-decorator]
def _lower_getitem(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    table = signature.args[0]
    place = _place(builder, table, *args)
    if isinstance(table.record, types.Record):
        return place
    found = builder.load(builder.inttoptr(place, context.get_value_type(table.record).as_pointer()))
    _apart(builder, found, table.name)
    return found


@lower_builtin(operator.setitem, TableType, types.int64, types.Any)  # type: ignore[untyped-decorator]
def _lower_setitem(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    place = _place(builder, signature.args[0], *args[:2])
    _apart(builder, builder.store(args[2], builder.inttoptr(place, args[2].type.as_pointer())), signature.args[0].name)
    return context.get_dummy_value()


@infer_getattr
class _RowAttributes(AttributeTemplate):  # type: ignore[misc]
    key = RowType

    def generic_resolve(self, row: RowType, name: str) -> Any:
        return row.record.typeof(name)


def _field(context: Any, builder: Any, row: RowType, address: Any, name: str) -> Any:
    place = builder.add(address, ir.Constant(ir.IntType(64), row.record.offset(name)))
    return builder.inttoptr(place, context.get_value_type(row.record.typeof(name)).as_pointer())


@lower_getattr_generic(RowType)  # type: ignore[untyped-decorator]
def read_field(context: Any, builder: Any, row: RowType, address: Any, name: str) -> Any:
    found = builder.load(_field(context, builder, row, address, name))
    _apart(builder, found, f"{row.name}.{name}")
    return found


@lower_setattr_generic(RowType)  # type: ignore[untyped-decorator]
def _write_field(context: Any, builder: Any, signature: Any, args: Any, name: str) -> None:
    row, address = signature.args[0], args[0]
    written = builder.store(args[1], _field(context, builder, row, address, name))
    _apart(builder, written, f"{row.name}.{name}")


class State:
    """Tables by their names, as one address: that of the list of their addresses."""

    def __init__(self, tables: dict[str, Table]):
        self.tables = tables
        self._addresses = np.array([table.address for table in tables.values()], dtype=np.int64)
        self.address = self._addresses.ctypes.data

    def __getattr__(self, name: str) -> Table:
        return vars(self)["tables"][name]


class StateType(types.Type):
    """Which tables there are; the layout is the same in every run."""

    def __init__(self, tables: dict[str, TableType]):
        self.places = {name: i for i, name in enumerate(tables)}
        self.tables = tables
        super().__init__(name=_short_name("State", [*tables.items()]))


@typeof_impl.register(State)  # type: ignore[untyped-decorator]
def _type_of_state(state: State, _: Any) -> StateType:
    return state_type({name: table.array.dtype for name, table in state.tables.items()})


_STATE_TYPES: dict[str, StateType] = {}


def state_type(dtypes: dict[str, Any]) -> StateType:
    """The type of a state with these tables."""
    if "only" not in _STATE_TYPES:
        tables = {name: _table_type(np.dtype(one)) for name, one in dtypes.items()}
        _STATE_TYPES["only"] = StateType(tables)
    return _STATE_TYPES["only"]


@register_model(StateType)
class _StateModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, of: Any):
        super().__init__(manager, of, ir.IntType(64))


unbox(StateType)(_unbox)


@infer_getattr
class _StateAttributes(AttributeTemplate):  # type: ignore[misc]
    key = StateType

    def generic_resolve(self, state: StateType, name: str) -> TableType:
        return state.tables[name]


@lower_getattr_generic(StateType)  # type: ignore[untyped-decorator]
def _table_of(_: Any, builder: Any, state: StateType, address: Any, name: str) -> Any:
    place = builder.add(address, ir.Constant(ir.IntType(64), 8 * state.places[name]))
    loaded = builder.load(builder.inttoptr(place, ir.IntType(64).as_pointer()))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))  # tables never move during a run
    return loaded
