"""Which device is chosen, and what its gauges say. The GPU's are torch's, replaced here by a made-up card."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info

import models
from models import device
from models.errors import ModelUnavailable


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("HUB_DEVICE", raising=False)
    monkeypatch.delenv("HUB_MEMORY_MB", raising=False)
    device.current.cache_clear()
    yield
    device.current.cache_clear()


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A card with 10 GB free, 3 GB held and a peak of 5 GB."""
    state = SimpleNamespace(peak=5_000_000_000, emptied=False)
    monkeypatch.setattr(device, "_may_have_gpu", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10_000_000_000, 16_000_000_000))
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 3_000_000_000)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: state.peak)
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda: setattr(state, "peak", 3_000_000_000))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: setattr(state, "emptied", True))
    return state


def test_the_cpu_is_taken_when_asked_for_though_a_gpu_is_there(
    card: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DEVICE", "cpu")
    assert device.current().name == "cpu"


def test_the_best_device_is_taken_when_none_is_asked_for(card: SimpleNamespace) -> None:
    assert device.current().name == "cuda"


def test_without_a_driver_torch_is_not_asked(card: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_may_have_gpu", lambda: False)
    assert device.current().name == "cpu"


def test_one_limit_holds_for_torch_and_for_linear_algebra(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    monkeypatch.setenv("HUB_THREADS", "1")
    device.limit_threads()
    assert torch.get_num_threads() == 1
    assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {1}
    torch.set_num_threads(before)


def test_a_device_that_is_not_there_is_refused_with_those_that_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    for name in ("tpu", "cuda"):
        monkeypatch.setenv("HUB_DEVICE", name)
        with pytest.raises(
            ModelUnavailable, match=f"HUB_DEVICE={name} is not available here; available: cpu"
        ):
            device.current()


def test_the_budget_is_a_share_of_memory_unless_it_is_set(
    card: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device.psutil, "virtual_memory", lambda: SimpleNamespace(total=32_000_000_000))
    here = device.Cpu(), device.Gpu("cuda")
    assert [one.budget_mb() for one in here] == [19_200, 6_000]
    assert [one.host_mb for one in here] == [0, 9_600]
    monkeypatch.setenv("HUB_MEMORY_MB", "700")
    assert [one.budget_mb() for one in here] == [700, 700]


def test_the_cpu_sees_memory_that_is_held_and_the_peak_of_what_was() -> None:
    cpu = device.Cpu()
    cpu.empty()
    cpu.reset_peak()
    before = cpu.used_mb()
    held = np.ones(10_000_000)  # 80 MB
    assert cpu.used_mb() - before == pytest.approx(80, abs=8)
    del held
    cpu.empty()
    assert cpu.used_mb() - before < 8
    assert cpu.peak_mb() - before >= 72


def test_the_gpu_reads_the_allocator(card: SimpleNamespace) -> None:
    gpu = device.Gpu("cuda")
    assert (gpu.used_mb(), gpu.peak_mb()) == (3_000, 5_000)
    gpu.reset_peak()
    assert gpu.peak_mb() == 3_000
    gpu.empty()
    assert card.emptied


def test_a_net_is_moved_where_it_can_be(card: SimpleNamespace) -> None:
    net, gpu = torch.nn.Linear(2, 2), device.Gpu("cuda")
    gpu.move(net, "meta")
    assert net.weight.device.type == "meta"
    gpu.move(object(), "meta")  # a runtime of its own kind stays


def test_out_of_memory_is_told_from_other_failures(card: SimpleNamespace) -> None:
    cpu, gpu = device.Cpu(), device.Gpu("cuda")
    full = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    for cause, on_cpu, on_gpu in (
        (MemoryError(), True, True),
        (full, True, True),
        (torch.OutOfMemoryError("CUDA out of memory"), False, True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), False, True),
        (RuntimeError("shapes do not match"), False, False),
    ):
        assert (cpu.is_out_of_memory(cause), gpu.is_out_of_memory(cause)) == (on_cpu, on_gpu)


def test_threads_are_set_while_no_other_room_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[bool] = []
    monkeypatch.setattr(device, "limit_threads", lambda: locked.append(models._importing.locked()))
    models._prepare("digit_cnn", lambda share: None)
    assert locked == [True]
