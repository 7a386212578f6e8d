"""Chinese sentences -> English ones: a Transformer of 4.9 million parameters, see translation_net.py.

Vaswani et al., "Attention Is All You Need", 2017, https://arxiv.org/abs/1706.03762; sub-words: Sennrich et al., 2016,
https://arxiv.org/abs/1508.07909.
"""

from pathlib import Path

from huggingface_hub import PyTorchModelHubMixin

from models.translator import Translator

HERE = Path(__file__).parent


class ChineseToEnglish(Translator, PyTorchModelHubMixin):
    """Three encoder and two decoder layers of 256; translate() takes and returns plain data."""

    chinese_first = True

    def _save_pretrained(self, save_directory: Path) -> None:
        super()._save_pretrained(save_directory)
        self.write_vocabularies(save_directory)


def load(device: str) -> ChineseToEnglish:
    """The trained net beside this file with its vocabularies, on a torch device."""
    net = ChineseToEnglish.from_pretrained(HERE).eval().to(device)
    net.read_vocabularies(HERE)
    return net
