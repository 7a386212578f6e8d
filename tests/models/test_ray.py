"""HUB_BACKEND=ray: rooms are lent by replicas on two nodes of a real Ray, one of which dies in the end."""

import asyncio
import contextlib
import json
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = (
    "0"  # nodes of one machine then talk over loopback, on Linux too
)

import numpy as np
import pytest
import ray
import yaml
from ray import serve
from ray.cluster_utils import Cluster
from ray.serve._private.common import RequestMetadata
from ray.serve.exceptions import RayServeException
from ray.serve.handle import DeploymentResponseGenerator
from ray.serve.schema import ServeDeploySchema

import models
from demos._run import stream
from models import door, replica
from models.batching import Batcher
from models.cache import Unwanted

ROOT = Path(__file__).parent.parent.parent
NODE = {"num_cpus": 1, "object_store_memory": 100_000_000, "node_ip_address": "127.0.0.1"}
PATIENCE = 60.0  # seconds, on a busy machine
WORDS = "It was the best of times, "


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two nodes with a replica each, and this process connected to them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUB_THREADS", "1")
        nodes = Cluster(
            initialize_head=True, head_node_args={**NODE, "num_cpus": 0, "include_dashboard": False}
        )
        nodes.add_node(**NODE)
        nodes.add_node(**NODE)
        patch.setenv("HUB_BACKEND", "ray")
        patch.setenv("RAY_ADDRESS", nodes.address)
        ray.init(address=nodes.address, namespace=replica.NAMESPACE, log_to_driver=False)
        serve.start(proxy_location="Disabled")
        two = replica.CPU.options(num_replicas=2, autoscaling_config=None)
        serve.run(two.bind(2), name=door.APPS["cpu"], route_prefix=None)
        models._made.cache_clear()
        models.lend()
        yield nodes
        models._made.cache_clear()
        serve.shutdown()
        ray.shutdown()
        nodes.shutdown()


def here(name: str) -> Any:
    """The room's net in this process."""
    import importlib

    return importlib.import_module(f"models.{name}.net").load("cpu")


def eventually(so: Callable[[], bool]) -> bool:
    """Whether it becomes so in time."""
    end = time.monotonic() + PATIENCE
    while not so() and time.monotonic() < end:
        time.sleep(0.1)
    return so()


def test_a_replica_answers_what_the_room_answers(cluster: Cluster) -> None:
    with models.use("minilm") as net:
        there = net.embed(["hello", "good morning"])
    assert np.allclose(there, here("minilm").embed(["hello", "good morning"]), atol=1e-5)
    there += 1  # it is the visitor's own


def test_what_a_room_yields_comes_one_by_one(cluster: Cluster) -> None:
    with models.use("char_lstm") as net:
        there = [letter for letter, _ in zip(net.write(WORDS, 400, (0.0,), 0), range(5))]
    assert str(there) == str(list(here("char_lstm").write(WORDS, 5, (0.0,), 0))[:5])


def test_a_function_that_returns_a_generator_streams_too(cluster: Cluster) -> None:
    with models.use("smollm2") as net:
        asked = [{"role": "user", "content": "Say yes"}]
        tokens = list(net.chat(asked, 3, 0.0, 1.0, 0))
    assert 1 <= len(tokens) <= 4
    assert all("text" in token for token in tokens)


def test_values_are_read_and_what_is_not_there_is_missing(cluster: Cluster) -> None:
    with models.use("text_cnn") as net:
        assert net.filters == here("text_cnn").filters
        assert not hasattr(net, "nothing")
        assert not hasattr(net, "_look")


def test_a_receipt_tells_what_the_replica_did(cluster: Cluster) -> None:
    def embedded() -> str:
        with models.use("fashion_gan") as net:
            return str(net.training)

    async def last() -> str:
        return [outputs async for outputs in stream(embedded, (), 1, 7)][-1][-1]

    first = asyncio.run(last())
    assert models.revision("fashion_gan") in first
    assert "cold" in first
    assert "peak memory" in first
    assert any(
        "warm" in asyncio.run(last()) for _ in range(5)
    )  # a moment later every router knows which has it


def test_a_wrong_call_and_a_missing_model_are_told_as_here(cluster: Cluster) -> None:
    with pytest.raises(ValueError, match="letter of a to z"), models.use("g2p_gru") as net:
        net.pronounce("123")
    with pytest.raises(models.ModelUnavailable) as told, models.use("qwen25") as net:
        net.chat([], 1, 0.0, 1.0, 0)
    assert "hub" in told.value.en
    assert "模型仓库" in told.value.zh


def test_an_error_of_a_library_and_a_fault_of_the_replica_are_told_apart_from_a_lost_machine() -> None:
    class Odd(Exception):
        pass

    told = pickle.loads(pickle.dumps(replica._told_of(Odd("wrong"))))
    assert (type(told), str(told)) == (RuntimeError, "Odd: wrong")
    assert "Odd: wrong" in told.__notes__[0]
    assert "memory" in str(replica._told_of(models.TryAgain()))


def test_a_visitor_who_leaves_ends_the_run_in_the_replica(cluster: Cluster) -> None:
    def at_work() -> bool:
        return any(room.name == "char_lstm" and room.leases for room in models.resident())

    with models.use("char_lstm") as net:
        letters = net.write(WORDS, 1_000_000, (1.0,), 0)
        next(letters)
        assert eventually(at_work)
        letters.close()
    assert eventually(lambda: not at_work())


def test_the_models_page_sees_every_replica_and_can_unload(cluster: Cluster) -> None:
    with models.use("digit_cnn") as net:
        assert net.training is False

    def state() -> str:
        return next(room.state for room in models.resident() if room.name == "digit_cnn")

    assert eventually(lambda: state() == "warm")
    used, budget = models.budget()
    assert 0 < used < budget
    assert any("digit_cnn" in event.en for event in models.events())
    assert models.unload("digit_cnn")
    assert eventually(lambda: state() == "cold")
    assert not models.unload("digit_cnn")


def test_a_room_is_warmed_before_it_is_asked(cluster: Cluster) -> None:
    warming = models.warm("fashion_cnn")
    assert eventually(
        lambda: any(room.name == "fashion_cnn" and room.state == "warm" for room in models.resident())
    )
    warming.cancel()


def test_when_a_node_dies_everybody_gets_an_answer_or_a_sentence(cluster: Cluster) -> None:
    def visit(number: int) -> int | str:
        try:
            with models.use("char_lstm") as net:
                return sum(1 for _ in net.write(WORDS, 5000, (1.0,), number))
        except models.ModelUnavailable as cause:
            return cause.en

    def busy() -> list[str]:
        reports = {name: pickle.loads(one) for name, one in ray.get(replica.board().read.remote()).items()}
        return [
            name.split()[0] for name, (rooms, _, _) in reports.items() if any(room.leases for room in rooms)
        ]

    with ThreadPoolExecutor(8) as visitors:
        running = [visitors.submit(visit, number) for number in range(8)]
        assert eventually(lambda: bool(busy()))
        (lost,) = [node for node in cluster.list_all_nodes() if node.node_id == busy()[0]]
        cluster.remove_node(lost, allow_graceful=False)
        done, hanging = wait(running, PATIENCE)
    told = [one.result() for one in done]
    assert not hanging
    assert all(isinstance(one, int) or one == door.LOST[1] for one in told)
    assert door.LOST[1] in told
    with models.use("digit_cnn") as net:  # the node that is left goes on
        assert net.training is False
    cluster.add_node(**NODE)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Future:
    """What a call waits for that no replica takes, since none is left."""
    future: Future = Future()
    response = DeploymentResponseGenerator(future, RequestMetadata(request_id="1", internal_request_id="1"))
    answers = SimpleNamespace(remote=lambda call: response)
    monkeypatch.setattr(door, "_connected", lambda: set(door.APPS.values()))
    monkeypatch.setattr(door.Door, "_handle", lambda self, name: SimpleNamespace(answers=answers))
    return future


def asked() -> None:
    with door.Door((), models.revision).use("digit_cnn") as net:
        _ = net.training


def test_who_leaves_before_a_replica_takes_the_call_ends_it(waits: Future) -> None:
    left = threading.Event()

    def visit() -> None:
        with models.watch(gone=left.is_set):
            asked()

    with ThreadPoolExecutor(1) as visitors:
        run = visitors.submit(visit)
        assert not wait([run], 0.5).done
        left.set()
        with pytest.raises(Unwanted):
            run.result(5)
    assert waits.cancelled()


def test_a_call_that_no_replica_takes_is_given_up_in_the_end(
    waits: Future, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "UNTAKEN", 0.1)
    with pytest.raises(models.ModelUnavailable, match="went away"):
        asked()
    assert waits.cancelled()


def test_a_deployment_that_was_deleted_is_told_as_a_machine_that_went_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def handle(self: door.Door, name: str) -> None:
        raise RayServeException("Application 'ai-demo-hub-cpu' does not exist.")

    monkeypatch.setattr(door, "_connected", lambda: set(door.APPS.values()))
    monkeypatch.setattr(door.Door, "_handle", handle)
    with pytest.raises(models.ModelUnavailable, match="went away"):
        asked()
    with pytest.raises(models.ModelUnavailable, match="went away"):
        door.Door((), models.revision).warm("digit_cnn")


def test_a_board_that_was_made_anew_is_heard_from_its_beginning() -> None:
    first, second = replica.Board(), replica.Board()
    first.unload("gcn")
    heard, wishes = first.tell("a", b"", None)
    assert (heard, wishes) == (1, [])  # it was wanted before this replica came
    first.unload("minilm")
    assert first.tell("a", b"", heard) == (2, ["minilm"])
    heard, _ = second.tell("a", b"", 2)  # the first has died
    second.unload("poem_gpt")
    assert second.tell("a", b"", heard) == (1, ["poem_gpt"])


def test_overlapping_visitors_share_a_batch_in_a_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def doubled(items: list[int]) -> list[int]:
        sizes.append(len(items))
        time.sleep(0.2)
        return [2 * item for item in items]

    class Net:
        ask = Batcher(doubled, 16)

        def double(self, number: int) -> int:
            return Net.ask(number)

    monkeypatch.setattr(models, "use", lambda name: contextlib.nullcontext(Net()))
    monkeypatch.setattr(replica, "facts", lambda visit: {})

    async def answered(number: int) -> Any:
        call = replica.Call("net", "double", (number,), {})
        call._visits = [None]  # type: ignore[list-item]
        threading.Thread(target=call.run).start()
        return [value async for kind, value in call.told() if kind == "answer"]

    async def all_of_them() -> list:
        return await asyncio.gather(*(answered(number) for number in range(8)))

    assert asyncio.run(all_of_them()) == [[2 * number] for number in range(8)]
    assert max(sizes) > 4


def test_the_app_s_process_stays_thin_and_starts_a_ray_by_itself(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom demos import _command\n"
        "status = [_command.main([name, '--to', sys.argv[1]]) for name in ('sentiment_cnn', 'few_shot_text')]\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules, status)"
    )
    environment = os.environ | {"HUB_BACKEND": "ray", "HUB_THREADS": "1", "HUB_REPLICAS": "1"}
    environment.pop("RAY_ADDRESS", None)
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, env=environment, capture_output=True,
                          text=True, timeout=150)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False False [0, 0]", done.stderr
    assert "positive" in done.stdout


def test_a_ray_that_is_not_there_is_a_sentence() -> None:
    code = (
        "import models\ntry:\n    models.lend()\nexcept models.ModelUnavailable as cause:\n"
        "    import json; print(json.dumps([cause.zh, cause.en]))"
    )
    environment = os.environ | {"HUB_BACKEND": "ray", "RAY_ADDRESS": "127.0.0.1:1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
                          timeout=150)  # fmt: skip
    zh, en = json.loads(done.stdout.splitlines()[-1])
    assert "RAY_ADDRESS" in zh
    assert "RAY_ADDRESS" in en


def test_a_backend_of_another_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_BACKEND", "celery")
    with pytest.raises(ValueError, match="ray or empty, not celery"):
        models.settings.backend()


def test_the_deployment_s_file_is_what_serve_reads() -> None:
    told = ServeDeploySchema.model_validate(yaml.safe_load((ROOT / "deploy" / "ray.yaml").read_text()))
    assert [one.name for one in told.applications] == list(door.APPS.values())
    for one in told.applications:
        module, name = one.import_path.split(":")
        assert module == "models.replica"
        assert isinstance(getattr(replica, name), serve.Application)


def test_a_sentence_survives_the_way() -> None:
    told = pickle.loads(pickle.dumps(models.ModelUnavailable("没有", "None")))
    assert (told.zh, told.en, str(told)) == ("没有", "None", "没有\nNone")
