"""The one door to numba: a typed decorator, tables that cost no reference counts, and two intrinsics."""

import ctypes
import operator
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar
from zlib import crc32

import numba
import numpy as np
from llvmlite import binding, ir
from numba.core import config, types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global
from numba.extending import (
    NativeValue,
    infer_getattr,
    intrinsic,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

from simulator.compiled.cache_folder import cache_folder

Function = TypeVar("Function", bound=Callable[..., Any])

_FOLDER = cache_folder()
INLINE_UP_TO = 2000  # of LLVM's units; its own 225 leaves the handlers apart, which makes the kernel slower
IS_PLAIN = bool(config.DISABLE_JIT)  # NUMBA_DISABLE_JIT=1 runs the kernel as plain Python, to look into it


class _PartLowering(NativeLowering):  # type: ignore[misc]
    """Lower a function that only the kernel calls: no machine code of its own, which would take most of the time."""

    _name = "part_of_kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        library = state.library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library._optimize_functions = partial(_lay_out, library)
        library.finalize = partial(_end_part, library)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        entry: list[Any] = []
        key = entry.append  # a built-in method that no other function has; nobody calls it
        state.targetctx.insert_user_function(key, lowered.fndesc, [library])
        state["cr"] = lowered._replace(cfunc=key)
        return True


class _WholeLowering(NativeLowering):  # type: ignore[misc]
    """Lower the function that is called from Python, with all parts in one piece."""

    _name = "whole_kernel_lowering"

    def run_pass(self, state: Any) -> bool:
        library = state.library = state.targetctx.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        library.finalize = partial(_end_whole, library)
        super().run_pass(state)
        return True


register_pass(mutates_CFG=True, analysis_only=False)(_PartLowering)
register_pass(mutates_CFG=True, analysis_only=False)(_WholeLowering)


def _lay_out(library: Any, module: Any) -> None:
    module.data_layout = library._codegen._data_layout


def _end_part(library: Any) -> None:
    library._finalize_dynamic_globals()
    library._finalized = True


def _end_whole(library: Any) -> None:
    """Link every part once, whoever calls it."""
    found: dict[Any, None] = {}
    stack = list(library._linking_libraries)
    while stack:
        one = stack.pop()
        if one not in found:
            found[one] = None
            stack.extend(one._linking_libraries)
    library._linking_libraries = list(found)
    library._optimize_final_module = partial(_optimize, library)
    type(library).finalize(library)


def _optimize(library: Any) -> None:
    """Once; numba does it twice, for the sake of reference counts, of which there are none here. No part is called from
    elsewhere, so that what has a single caller becomes a part of it.
    """
    parts = {one.name for part in library._linking_libraries for one in part._final_module.functions}
    for one in library._final_module.functions:
        if one.name in parts and not one.is_declaration:
            one.linkage = binding.Linkage.internal
    options = binding.create_pipeline_tuning_options(speed_level=3)
    options.inlining_threshold, options.loop_vectorization, options.slp_vectorization = INLINE_UP_TO, False, False
    builder = binding.create_pass_builder(library._codegen._tm, options)
    builder.getModulePassManager().run(library._final_module, builder)


def _pipeline(lowering: type) -> type:
    class Pipeline(CompilerBase):  # type: ignore[misc]
        def define_pipelines(self) -> list[Any]:
            passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
            passes.passes = [(lowering if one is NativeLowering else one, why) for one, why in passes.passes]
            passes.finalize()
            return [passes]

    return Pipeline


_PART, _WHOLE = _pipeline(_PartLowering), _pipeline(_WholeLowering)


def jit(function: Function) -> Function:
    """A part of the kernel: it is compiled with the whole."""
    options = {"nogil": True, "error_model": "numpy", "pipeline_class": _PART}
    return numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)


def inline(function: Function) -> Function:
    """A part of the kernel that is short and runs with every event."""
    options = {"nogil": True, "error_model": "numpy", "pipeline_class": _PART, "forceinline": True}
    made: Function = numba.njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, **options)(function)
    return made


def kernel(function: Function) -> Function:
    """The function that is called from Python, which lets go of Python's lock; its machine code is kept."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(_FOLDER) if _FOLDER is not None else before
    try:
        made = numba.njit(cache=_FOLDER is not None, nogil=True, error_model="numpy", pipeline_class=_WHOLE)(function)
    finally:
        config.CACHE_DIR = before
    return made


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
def _read_field(context: Any, builder: Any, row: RowType, address: Any, name: str) -> Any:
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


@intrinsic  # type: ignore[untyped-decorator]
def _float_at(_: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.DoubleType().as_pointer()))

    return types.float64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _comes_before(_: Any, one: Any, other: Any) -> Any:
    def number(context: Any, builder: Any, row: RowType, address: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        key = builder.zext(_read_field(context, builder, row, address, "key"), wide)
        at_s = builder.zext(builder.bitcast(_read_field(context, builder, row, address, "at_s"), word), wide)
        return builder.or_(builder.shl(at_s, ir.Constant(wide, 64)), key)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        is_less = builder.icmp_unsigned(
            "<", *(number(context, builder, *one) for one in zip(signature.args, args, strict=True))
        )
        return builder.zext(is_less, ir.IntType(64))

    return types.int64(one, other), generate


@intrinsic  # type: ignore[untyped-decorator]
def _call_at(_: Any, address: Any, what: Any, a: Any, b: Any) -> Any:
    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        word = ir.IntType(64)
        pointer = ir.FunctionType(word, [word, word, word]).as_pointer()
        return builder.call(builder.inttoptr(args[0], pointer), list(args[1:]))

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)

if IS_PLAIN:

    def float_at(address: int) -> float:
        """The float at an address."""
        return ctypes.c_double.from_address(int(address)).value

    def comes_before(one: Any, other: Any) -> int:
        """1 if an event comes before another one."""
        return int((one.at_s, one.key) < (other.at_s, other.key))

    def call_at(address: int, what: int, a: int, b: int) -> int:
        """Call back into Python."""
        return int(CALLBACK(int(address))(int(what), int(a), int(b)))

else:

    @jit
    def float_at(address: int) -> float:
        """The float at an address."""
        return _float_at(address)

    @jit
    def comes_before(one: Any, other: Any) -> int:
        """1 if an event comes before another one; computed rather than asked, as no processor can guess it. Times are
        not negative, so that their bits are in the order of the times.
        """
        return _comes_before(one, other)

    @jit
    def call_at(address: int, what: int, a: int, b: int) -> int:
        """Call back into Python, which takes its lock for as long."""
        return _call_at(address, what, a, b)
