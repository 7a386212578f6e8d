"""RoBERTa base, tuned on SQuAD 2.0: marks answers in a passage; a second choice that needs a model hub."""

import functools

from models.spec import ModelSpec, hub_file

REPO, REVISION = "deepset/roberta-base-squad2", "adc3b06f79f797d1c575d5479d6f5efe54a9e3b4"

_file = functools.partial(hub_file, REPO, REVISION)

NET = _file("model.safetensors", "ac5db66fdcfecb400345d09787b71009d60805ef9883451071669cf951b5e2c7")
CONFIG = _file("config.json", "64fa58495a722d57609c22f199824bfe98c19be068136a70c268214a08cb8060")
VOCABULARY = _file("vocab.json", "06b4d46c8e752d410213d9548eb27a54db70fda0319b6271fb8d59dead5e1cab")
MERGES = _file("merges.txt", "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5")
SPEC = ModelSpec(
    name="roberta_squad2",
    memory_mb=603,
    licence="CC-BY-4.0",
    weights=(NET, CONFIG, VOCABULARY, MERGES),
    offline=False,
)
