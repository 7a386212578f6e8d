"""The device models run on: which, how much memory it has, and what the gauges show. Imports torch only
when asked.

Memory is counted in MB of 1e6 bytes. On a GPU the gauges are torch's allocator; on a CPU they are this
process's resident set, whose peak Linux lets us reset (proc(5), clear_refs), so that one run's peak can be
read.
"""

import contextlib
import ctypes
import functools
import gc
import os
import sys
from pathlib import Path
from typing import Any

import psutil

from models import machine, settings
from models.errors import ModelUnavailable

SHARE = (
    0.6  # of free GPU or system memory that models may hold; the rest is for activations and everybody else
)
HOST_SHARE = 0.3  # of system memory for models that left a GPU
MB = 1_000_000
CHOICES = ("cuda", "mps", "cpu")


class Cpu:
    """System memory: models and host tier are the same place."""

    name = "cpu"
    host_mb = 0

    def budget_mb(self) -> int:
        """What models may hold together."""
        return settings.memory_mb() or int(machine.memory_bytes() * SHARE / MB)

    def used_mb(self) -> int:
        """Resident memory of this process."""
        return _process(os.getpid()).memory_info().rss // MB

    def reset_peak(self) -> None:
        """Starts a new peak; where the kernel does not allow it, the peak is the highest ever."""
        with contextlib.suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")

    def peak_mb(self) -> int:
        """Highest resident memory since reset_peak()."""
        try:
            lines = Path("/proc/self/status").read_text().splitlines()
        except OSError:  # not Linux: no cheap peak, what is held now stands for it
            return self.used_mb()
        peaks = (int(line.split()[1]) * 1024 // MB for line in lines if line.startswith("VmHWM"))
        return next(peaks, self.used_mb())

    def move(self, net: Any, to: str) -> None:
        """Nothing to do: there is one place."""

    def empty(self) -> None:
        """Gives freed memory back to the system, which malloc would keep."""
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):  # no glibc
            ctypes.CDLL("libc.so.6").malloc_trim(0)

    def is_out_of_memory(self, cause: BaseException) -> bool:
        """Whether an exception says that memory ran out."""
        return isinstance(cause, MemoryError) or (
            isinstance(cause, RuntimeError) and "can't allocate memory" in str(cause)
        )


@functools.lru_cache(1)
def _process(number: int) -> psutil.Process:
    """Kept, since psutil first reads when a process was started; a forked one has another number."""
    return psutil.Process(number)


class Gpu(Cpu):
    """A CUDA or Apple GPU, with host memory as the tier below."""

    def __init__(self, name: str) -> None:
        import torch

        self.name = name
        self._torch = torch.cuda if name == "cuda" else torch.mps
        self._out_of_memory = torch.OutOfMemoryError
        self.host_mb = int(machine.memory_bytes() * HOST_SHARE / MB)

    def budget_mb(self) -> int:
        if self.name == "mps":  # shared with the system
            return super().budget_mb()
        return settings.memory_mb() or int(self._torch.mem_get_info()[0] * SHARE / MB)

    def used_mb(self) -> int:
        allocated = "memory_allocated" if self.name == "cuda" else "current_allocated_memory"
        return getattr(self._torch, allocated)() // MB

    def reset_peak(self) -> None:
        if self.name == "cuda":
            self._torch.reset_peak_memory_stats()

    def peak_mb(self) -> int:
        return self._torch.max_memory_allocated() // MB if self.name == "cuda" else self.used_mb()

    def move(self, net: Any, to: str) -> None:
        """Moves a net that can be moved; a runtime that cannot (its room keeps to the CPU) stays."""
        if hasattr(net, "to"):
            net.to(to)

    def empty(self) -> None:
        super().empty()
        self._torch.empty_cache()

    def is_out_of_memory(self, cause: BaseException) -> bool:
        plain = isinstance(cause, RuntimeError) and "out of memory" in str(cause)  # as "mps" says it
        return plain or isinstance(cause, self._out_of_memory) or super().is_out_of_memory(cause)


@functools.cache
def current() -> Cpu:
    """The device of this process. Raises ModelUnavailable when HUB_DEVICE asks for one that is not there."""
    wanted = (
        "cpu" if settings.zero_gpu() else settings.device()
    )  # where a GPU is lent, there seems to be one always
    if wanted == "cpu" or not (wanted or _may_have_gpu()):
        return Cpu()
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    name = wanted or next(name for name in CHOICES if present[name])
    if not present.get(name):
        raise ModelUnavailable(
            f"HUB_DEVICE={name} 在这台机器上不可用，可用的有：{'、'.join(one for one in CHOICES if present[one])}",
            f"HUB_DEVICE={name} is not available here; available: {', '.join(one for one in CHOICES if present[one])}",
        )
    return Cpu() if name == "cpu" else Gpu(name)


def _may_have_gpu() -> bool:
    """Whether it is worth a second to import torch and ask it: no driver, no GPU."""
    if sys.platform == "darwin" or Path("/dev/kfd").exists():  # Apple, AMD
        return True
    with contextlib.suppress(OSError):
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        return True
    return False


def half_is_fast(kind: str) -> bool:
    """Whether bfloat16 halves a convolution's time. On a CPU without its own instructions it would multiply it."""
    import torch

    return kind == "cpu" and torch.cpu._is_avx512_bf16_supported()


def limit_threads() -> None:
    """Sets the threads of torch and of the linear algebra behind NumPy and SciPy, those imported so far.

    Two threads on busy cores cost up to 75 times.
    """
    from threadpoolctl import threadpool_limits

    threadpool_limits(settings.threads(), user_api="blas")
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(settings.threads())
