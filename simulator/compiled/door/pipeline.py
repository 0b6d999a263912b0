"""How the kernel is compiled: in one piece, and kept."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numba
from llvmlite import binding
from numba.core import config
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

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
