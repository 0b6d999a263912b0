"""What numba has no words for: numbers at an address, calls back into Python, and the order of events."""

import ctypes
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simulator.compiled.door.memory import RowType, read_field
from simulator.compiled.door.pipeline import IS_PLAIN, jit


@intrinsic  # type: ignore[untyped-decorator]
def _float_at(_: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.load(builder.inttoptr(args[0], ir.DoubleType().as_pointer()))

    return types.float64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _comes_before(_: Any, one: Any, other: Any) -> Any:
    def number(context: Any, builder: Any, row: RowType, address: Any) -> Any:
        word, wide = ir.IntType(64), ir.IntType(128)
        key = builder.zext(read_field(context, builder, row, address, "key"), wide)
        at_s = builder.zext(builder.bitcast(read_field(context, builder, row, address, "at_s"), word), wide)
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
