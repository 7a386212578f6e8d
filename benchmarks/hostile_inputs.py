"""What a hostile caller sends: for each kind of input two hundred values or more, the same ones for the same seed.

Each table begins with what is known to break programs and goes on with whole values damaged by chance.
"""

import base64
import io
import json
import random
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from demos._ui import ROOT

FEWEST = 200  # values of each kind
MARK = "<script>hostile()</script>"  # must never come back as a tag
SAMPLES = ROOT / "assets" / "samples"
NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Upload:
    """A file that is uploaded first; what stands for it then goes into the call."""

    name: str
    content: bytes = field(repr=False)


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


def traps(secret: str, port: int) -> list[str]:
    """Ways to ask for a file of the server, and for an address that only the server reaches: port listens there."""
    hosts = [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0x7f000001",
        "2130706433",
        "127.1",
        "0",
        "[::ffff:127.0.0.1]",
    ]
    up = "../" * 12
    return [
        *(secret, f"file://{secret}", f"file:{secret}", f"{up}{secret[1:]}", f"/tmp/{up}{secret[1:]}",
        f"{secret}%00.png"),
        *("/etc/passwd", f"{up}etc/passwd", "..\\" * 8 + "etc\\passwd", "/proc/self/environ", "/proc/self/cmdline"),
        *("%2e%2e%2f" * 8 + "etc/passwd", "app.py", "./app.py", str(ROOT / "app.py"), ".git/config", "~/.ssh/id_rsa"),
        *("/dev/zero", "/dev/stdin", "/dev/random", "/proc/self/mem", "C:\\boot.ini", "\\\\127.0.0.1\\share\\x"),
        *(f"http://{host}:{port}/x.png" for host in hosts),
        *(f"http://user@127.0.0.1:{port}/x", f"https://127.0.0.1:{port}/x", f"ftp://127.0.0.1:{port}/x"),
        *(f"gopher://127.0.0.1:{port}/x", f"tcp://127.0.0.1:{port}", f"rtmp://127.0.0.1:{port}/x",
        "data:text/html,x"),
        *("http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00::1]/", "http://0.0.0.0:1/"),
        *(f"concat:{secret}|{secret}", f"subfile,,start,0,end,9,,:{secret}", f"pipe:0,{secret}"),
    ]  # fmt: skip


WRONG = [  # types that a box does not have
    None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63), 2**200, 10**400, 0.5, -0.0, 1e308, NAN, INF, -INF, "", " ",
    "0",
    "NaN", "None", "null", "undefined", [], {}, [[]], [{}], [None], {"": ""}, {"value": 1}, _nested(60),
    [0] * 5000, {str(n): n for n in range(500)}, {"__type__": "update", "value": MARK}, {"path": None}, {"path": ""},
    {"path": 1}, {"path": []}, {"url": "x"}, {"meta": {"_type": "gradio.FileData"}}, {"_data": {}},
    {"path": MARK, "meta": {"_type": "gradio.FileData"}}, {"__class__": "x"}, {"$ref": "#"}, ["a", 1, None, {}],
]  # fmt: skip
TEXTS = [
    "\n", "\t", "\0", "a\0b", "\r\n\r\n", "\ufeff", "\u200b", "\u202egnp.exe", "\u2066a\u2069", "e" + "\u0301" * 3000,
    "\ud800", "a\udfffb", "\uffff", "\U0010ffff", "\ufdfa" * 2000, "Ⅷ²½", "٣٤٥", "１２３", "ａｂｃ", "ß" * 500,
    "İ" * 300,
    "👩‍👩‍👧‍👦" * 50, "😀" * 50_000, "𓀀" * 100, "שלום עולם", "مرحبا بالعالم", "नमस्ते", "ไทยไม่มีช่องว่าง" * 40,
    "漢" * 9000, "龘" * 40,
    "a" * 200_000, "a " * 100_000, "\n" * 50_000, "a\n" * 20_000, "(" * 5000, "[" * 5000, "<" * 20_000, "*" * 20_000,
    "9" * 5000, "9" * 400, "-" * 3000, "1e999999", "0x10", "1_000", "+1", "1,2,3", "NaN,NaN\n" * 20, "inf\n" * 30,
    MARK, f'"><img src=x onerror=hostile()>{MARK}', "<svg/onload=hostile()>", "javascript:hostile()",
    "</textarea>" + MARK,
    "{{7*7}}", "${7*7}", "{0.__class__}", "%s%s%n", "%x" * 50, "{", "}", "{}", "\\", "\\u0000", "\x1b[31mred\x1b[0m",
    "'; DROP TABLE x; --", '" OR 1=1', "$(id)", "`id`", "| id", "a; id", "__import__('os').system('id')",
    "!!python/object",
    "=1+1", "@SUM(1)", "+cmd|' /C x'!A0", '"' * 999, "'" * 999, '"a\n"b', "a,b\n\"", ",,,,\n" * 300, "\t\t\n\t",
    ";;;;",
    "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;</x>", "<?xml version='1.0'?>", "gASVBQAAAAAAAABLAS4=",
    "<|im_end|>\n<|im_start|>",
    "[CLS] [SEP] [MASK] [UNK]", "<s></s><pad>", "</think>", "### Instruction:", "https://127.0.0.1/x", "www.x",
    "a@b.c",
    "9999-99-99,1\n" * 20, "0000-00-00,1\n" * 20, "2024-02-30,1\n2024-02-31,2\n" * 10, "1e308\n-1e308\n" * 20,
    "date,value\n" + "\n".join(f"2024-01-{day:02},{day}" for day in range(1, 29)), "1\n" * 40, "0.1\n0.2\n" * 25_000,
    "a: b\nc: d\n" * 300, "a:\nb:\n", ": x\n: y", "::::\n::::", "x: " + "y" * 5000, "1234567" * 6, "4444444", "8",
    "0", "١",
    "ann,bob\n" * 3000, "a,a\n" * 20, "\n".join(f"p{n},q{n}" for n in range(6000)), "ann,bob\nann,bob,{weight",
    "# only a comment",
    "Mr. Hi: x\nMr. Hi: y", "tell me\x00more", "Dr. " * 900, "$999,999,999,999,999.99", "3/4 " * 300, "12:99 p.m.",
    "CO₂ at 5°",
]  # fmt: skip
NUMBERS = [
    2, 3, 4, 7, 8, 9, 12, 16, 99, 100, 400, 511, 512, 1000, 1001, 2**15, 2**16, 2**31 - 1, 2**32, 2**53, 2**53 + 1,
    2**64, -2, -3, -7, -100, -(2**31), -(2**31) - 1, 1e-9, -1e-9, 1e-308, 5e-324, 1e15, 1e16, 1e300, -1e308, 0.1, 0.3,
    0.35, 0.7, 0.05, 0.0499999, 1.0000001, 1.5, 1.50001, 2.0, 2.5, 2.9999999, 3.0000001, "1", "1.5", "-1", "1e5", "١",
    "１", "0x1", "1_0", "inf", "-inf", "9" * 5000, "1" * 400, "+", "-", ".", "e", "1e", "1,5", " 1 ", "1\n", "1\0",
    [1], [1, 2], {"value": 3},
]  # fmt: skip
CHOICES = [
    "auto", "all", "same", "own", "en", "chat", "CHAT", "chat ", "smollm2", "qwen25", "../smollm2", "models.qwen25",
    "5x4", "tang", "surprise", "unit", "digit", "garment", "beta1", "map", "sample", "film", "karate", "co2", "50",
    "you", "__init__", "__class__", "constructor", "toString", 5, 1.0, 2.0, "1", "2.0", True, [1], ["auto"],
    [["auto"]],
]  # fmt: skip


# Gradio's own doors below /gradio_api/: what is fetched from them by path, asked of them, and sent to them.
FETCHED = ("file={}", "file/{}", "proxy={}", "stream/{}", "static/{}", "../static/{}", "../assets/{}",
           "custom_component/{}")  # fmt: skip
ASKED = (
    "info", "config", "queue/data?session_hash=nobody", "queue/status", "call/poem/nobody",
    "upload_progress?upload_id=x", "deep_link?session_hash=x", "../gradio_api/deep_link?session_hash=../../x", "runs",
    "../?deep_link=../../x", "../?view=x", "../theme.css", "app_id", "token", "startup-events",
    "../manifest.json", "../robots.txt", "../monitoring", "../monitoring/x", "../pwa_icon/../../x", "openapi.json",
)  # fmt: skip
POSTED = (
    "queue/join", "cancel", "reset", "stream/x", "stream/x/close", "component_server", "login", "call/nobody",
    "call/v2/nobody", "call/v2/poem", "run/nobody", "run/poem", "api/poem", "upload", "queue/x", "vibe-edit/",
)  # fmt: skip
STRANGE: tuple[Any, ...] = (
    {}, [], "x", 1, {"data": []}, {"session_hash": "x", "fn_index": 10**9, "event_id": "x", "data": []},
    {"session_hash": "x", "fn_index": -1, "data": [1]}, {"session_hash": None, "fn_index": 0, "data": []},
)  # fmt: skip
SERVER_FUNCTIONS = ("start", "steer", "postprocess", "__init__", "x", None)  # two of them are there
NO_BOXES = (-1, 10**9, "x", None)
STEERED: tuple[Any, ...] = (
    None, [], {}, MARK, {"seed": NAN, "wind": INF, "gravity": "x", "before": 1, "now": []}, {"seed": 10**400},
    {"seed": 0, "wind": 0, "gravity": 10, "before": "x" * 9000, "now": "0"},
)  # fmt: skip


def envelopes(values: list[Any]) -> list[Any]:
    """Calls that are broken as a whole. values: what the inputs would take."""
    wrong = ({}, [], None, "x", 1, *({"data": data} for data in (None, "x", {}, {"0": 1}, [], values[:-1])))
    more = ({"session_hash": 1}, {"session_hash": "x" * 9000}, {"session_hash": "../../x"}, {"fn_index": 10**9},
            {"batched": True, "event_id": "x"}, {"event_data": MARK}, {"event_data": {"person": {}, "column": []}},
            {"trigger_id": -1}, {"oauth_token": MARK, "extra": [1]})  # fmt: skip
    many = ([*values, *[MARK] * 50], [None] * len(values), [values] * max(1, len(values)))
    return [*wrong, *({"data": data} for data in many), *({"data": values} | one for one in more)]


def table(kind: str, seed: int, secret: str, port: int) -> list[Any]:
    """The values of one kind: text, number, choice, flag, page, picture, sound or sheet."""
    chance = random.Random(f"{kind} {seed}")
    known = traps(secret, port)
    forged = [_forged(path, more) for path in known for more in _FORGERIES] if kind in FILES else []
    return [*WRONG, *_TABLES[kind](chance), *known, *forged]


_FORGERIES: list[dict] = [
    {},
    {"url": "/gradio_api/file=/etc/passwd"},
    {"is_stream": True},
    {"orig_name": "../../x"},
]


def _forged(path: str, more: dict) -> dict:
    """What stands for an uploaded file, without one."""
    return {"path": path, "meta": {"_type": "gradio.FileData"}} | more


def _texts(chance: random.Random) -> list[Any]:
    signs = [chr(code) for low, high in ((0, 256), (0x300, 0x370), (0x590, 0x700), (0x2000, 0x2070), (0x4e00, 0x4f00),
             (0x1f300, 0x1f650)) for code in range(low, high)]  # fmt: skip
    mixed = ["".join(chance.choices(signs, k=chance.choice((1, 3, 20, 120, 900)))) for _ in range(60)]
    glued = ["".join(chance.sample([one for one in TEXTS if len(one) < 80], 3)) for _ in range(40)]
    return [*TEXTS, *mixed, *glued]


def _numbers(chance: random.Random) -> list[Any]:
    spread = [chance.choice((-1, 1)) * 10 ** chance.uniform(-12, 20) for _ in range(60)]
    return [*NUMBERS, *spread, *(chance.randint(-20, 600) for _ in range(60))]


def _choices(chance: random.Random) -> list[Any]:
    return [*CHOICES, *chance.sample(TEXTS, 50), *chance.sample(NUMBERS, 40)]


def damaged(whole: bytes, chance: random.Random) -> bytes:
    """Cut off, or with some bytes changed, doubled or taken out; the head more often than the rest."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 4, 40))):
        at = chance.randrange(min(len(data), chance.choice((32, 200, len(data)))))
        data[at : at + chance.choice((1, 1, 4))] = chance.randbytes(chance.choice((1, 1, 2, 0)))
    return bytes(data[: chance.choice((len(data), len(data), chance.randrange(1, len(data))))])


def _png(width: int, height: int, colour: int = 2, body: bytes = b"", *more: tuple[bytes, bytes]) -> bytes:
    """A PNG by its parts, which need not agree."""
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)),
        *more,
        (b"IDAT", body),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _saved(picture: Image.Image, kind: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as box:
        box.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _pictures() -> dict[str, bytes]:
    """Bombs, polyglots and odd pictures, by the name they are uploaded under."""
    black = zlib.compress(bytes(10_000_000))
    small = Image.linear_gradient("L").resize((64, 48))
    png, jpeg = _saved(small, "PNG"), _saved(small, "JPEG")
    return {
        "bomb.png": _png(60_000, 60_000, 2, black), "wide.png": _png(2**31 - 1, 1, 0, black), "zero.png": _png(0, 0),
        "text.png": _png(8, 8, 2, zlib.compress(bytes(200)), (b"zTXt", b"a\0\0" + black)),
        "short.png": _png(64, 64, 2, b"x"),
        "icc.png": _png(8, 8, 2, zlib.compress(bytes(200)), (b"iCCP", b"a\0\0" + black)), "empty.png": b"",
        "palette.png": _png(8, 8, 3, zlib.compress(bytes(200))), "type.png": _png(8, 8, 9, black), "one.png": b"\x89",
        "page.png": png + MARK.encode(), "page.html": png, "zip.png": png + _zip("x", b"x"),
        "zip.jpg": _zip("x.jpg", jpeg),
        "bomb.zip": _zip("x", bytes(20_000_000)), "gif.js": b"GIF89a/*" + bytes(9) + b"*/=1;hostile()",
        "a.pdf": b"%PDF-1.7\n%%EOF",
        "huge.gif": b"GIF89a\xff\xff\xff\xff\xf7\x00\x00",
        "huge.bmp": b"BM" + struct.pack("<IHHIIii", 54, 0, 0, 54, 40, 2**30, 2**30) + bytes(28),
        "x.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='hostile()'><image href='file:///etc/passwd'/></svg>",
        "x.tiff": b"II*\0\x08\0\0\0" + b"\xff" * 40, "loop.tiff": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
        "x.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        "x.eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd)(r) file",
        "x.heic": b"\0\0\0\x18ftypheic" + bytes(40),
        "x.avif": b"\0\0\0\x18ftypavif" + bytes(40), "x.ppm": b"P6 99999 99999 255\n",
        "x.pgm": b"P5 4 4 99999\n" + bytes(16),
        "grey16.png": _saved(Image.new("I;16", (9, 9)), "PNG"),
        "float.tiff": _saved(Image.new("F", (9, 9), NAN), "TIFF"),
        "cmyk.jpg": _saved(Image.new("CMYK", (9, 9)), "JPEG"), "thin.png": _saved(Image.new("L", (1, 4000)), "PNG"),
        "dot.png": _saved(Image.new("RGBA", (1, 1)), "PNG"), "la.png": _saved(Image.new("LA", (30, 30)), "PNG"),
        "\u202egnp.exe": png, "a" * 300 + ".png": png, "../../../x.png": png, "<script>.png": png, ".png": png,
        "x": png,
        "con.png": png, "x.png/../y": png, "x\u0000.png": png, "ünï 漢字 😀.png": png, "x.php;.png": jpeg,
        "%2e%2e%2fx.png": jpeg,
    }  # fmt: skip


def _wav(
    values: bytes,
    rate: int = 16_000,
    channels: int = 1,
    bits: int = 16,
    form: int = 1,
    size: int | None = None,
) -> bytes:
    """A WAV file whose header may lie."""
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", form, channels, rate, rate * frame % 2**32, frame % 2**16, bits)
    length = len(values) if size is None else size
    return b"RIFF\xff\0\0\0WAVEfmt \x10\0\0\0" + head + b"data" + struct.pack("<I", length) + values


def _sounds() -> dict[str, bytes]:
    """Sounds whose header lies, playlists that name files and hosts, and what is no sound at all."""
    noise = random.Random(0).randbytes(32_000)
    whole = io.BytesIO()
    with wave.open(whole, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(16_000), out.writeframes(noise)
    nan, inf, loud = (struct.pack("<2000f", *[value] * 2000) for value in (NAN, INF, 3e38))
    return {
        "ok.wav": whole.getvalue(), "long.wav": _wav(noise, size=2**32 - 1), "none.wav": _wav(b""),
        "silent.wav": _wav(bytes(32_000)),
        "nan.wav": _wav(nan, form=3, bits=32), "inf.wav": _wav(inf, form=3, bits=32),
        "loud.wav": _wav(loud, form=3, bits=32), "hz0.wav": _wav(noise, rate=0),
        "hz1.wav": _wav(noise, rate=1),
        "hz4g.wav": _wav(noise, rate=2**32 - 1), "many.wav": _wav(noise, channels=65_535), "none_ch.wav": _wav(noise,
        channels=0),
        "bits0.wav": _wav(noise, bits=0), "bits7.wav": _wav(noise, bits=7), "form.wav": _wav(noise, form=0x1234),
        "empty.wav": b"", "riff.wav": b"RIFF",
        "list.m3u8": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "list.wav": b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
        "x.ffconcat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "x.sdp": b"v=0\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
        "x.mpd": b"<MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>", "x.mid": b"MThd\0\0\0\6\0\1\0\1\0\x60",
        "x.mp3": b"\xff\xfb\x90\x00" * 400,
        "id3.mp3": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(500), "x.ogg": b"OggS" + b"\xff" * 400,
        "x.flac": b"fLaC" + b"\xff" * 400,
        "x.mp4": b"\0\0\0\x18ftypmp42" + b"\0\0\0\x01moov" + b"\xff" * 300, "loop.mp4": b"\0\0\0\x08moov" * 2000,
        "x.webm": b"\x1aE\xdf\xa3" + b"\xff" * 300,
        "x.aac": b"\xff\xf1\x50\x80" * 300, "x.amr": b"#!AMR\n" + b"\xff" * 200, "x.au": b".snd" + b"\xff" * 60,
        "x.aiff": b"FORM\xff\xff\xff\xffAIFF" + bytes(90),
        "page.wav": whole.getvalue() + MARK.encode(), "bomb.zip": _zip("x.wav", bytes(20_000_000)), "a.png": _png(8,
        8), "script.wav": MARK.encode(),
    }  # fmt: skip


def _sheets() -> dict[str, bytes]:
    """Tables as they should not be."""
    texts = {f"text{number}.csv": text.encode("utf-8", "surrogatepass") for number, text in enumerate(TEXTS)}
    return texts | {
        "utf16.csv": "text\nhello\n".encode("utf-16"), "odd16.csv": b"\xff\xfea", "bom.csv": b"\xef\xbb\xbf",
        "gb.csv": "文本\n很好\n".encode("gb18030"),
        "latin.csv": b"text\ncaf\xe9\n", "bytes.csv": bytes(range(256)) * 40, "nul.csv": b"a,b\n\0,\0\n",
        "wide.csv": b"," * 300_000,
        "cell.csv": b"a\n" + b"x" * 900_000, "quote.csv": b'a\n"' + b"x\n" * 100_000, "empty.csv": b"",
        "heads.csv": b"a,b,c", "rows.csv": b"a\nb\n" * 200_000,
        "x.xlsx": _zip("xl/workbook.xml", b"<x/>"), "bomb.xlsx": _zip("xl/sheet.xml", bytes(20_000_000)),
        "x.pkl": b"\x80\x04K\x01.", "x.html": MARK.encode(),
        "six.csv": b"x" * 6_000_000, "formula.csv": b"text\n=HYPERLINK(1)\n@x\n", "same.csv": b"a,a,a\n1,2,3\n",
        "../../x.csv": b"text\nfine\n",
    }  # fmt: skip


def _files(made: Callable[[], dict[str, bytes]], *samples: str) -> Callable[[random.Random], list[Any]]:
    """Those made, and samples damaged by chance until there are enough of them."""

    def files(chance: random.Random) -> list[Any]:
        known = [Upload(name, content) for name, content in made().items()]
        whole = [SAMPLES / name for name in samples]
        return known + [
            Upload(f"damaged{path.suffix}", damaged(path.read_bytes(), chance)) for path in whole * 20
        ]

    return files


def _pages(chance: random.Random) -> list[Any]:
    """Drawings, photos, lessons and classifiers, as the boxes of the page send them: data URLs, base64 and JSON."""
    pictures = list(_pictures().values())
    whole = (SAMPLES / "sketch_cnn" / "three.png").read_bytes()
    pictures += [damaged(whole, chance) for _ in range(30)]
    urls: list[Any] = [
        f"data:image/png;base64,{base64.b64encode(data).decode()}"
        for data in pictures
        if len(data) < 3_000_000
    ]
    good = urls[-1]
    urls += ["data:image/png;base64,", "data:image/png;base64,!!!!", "data:image/png;base64,AAA",
    "data:image/svg+xml;base64,PHN2Zz4=", "data:,",
             "data:text/html;base64,PHNjcmlwdD4=", good * 3, good[:-7], good.upper(), good + MARK,
             f" {good}"]  # fmt: skip
    classes = [
        {"name": name, "pictures": [good] * count}
        for name, count in (("a", 3), ("b", 3), ("a", 3), (MARK, 3), ("", 3), ("c", 41), ("d", 1))
    ]
    lessons = [chance.sample(classes, chance.randrange(1, 6)) for _ in range(20)]
    lessons += [
        [{"name": value, "pictures": [value] * 3}, {"name": "b", "pictures": value}]
        for value in (None, 1, [], {}, "x", NAN, MARK)
    ]
    header = {
        "__metadata__": {"kind": "ai-demo-hub teach_images 1"},
        "weights": {"dtype": "F32", "shape": [2, -1], "data_offsets": [0, 2**60]},
    }
    heads = [json.dumps(header).encode(), b"{" * 4000, b"[" * 7000 + b"]" * 7000, b"\xff" * 99, b"{}", b"[]"]
    files = [
        base64.b64encode(struct.pack("<Q", size) + head).decode()
        for head in heads
        for size in (len(head), 2**63, 0, 2)
    ]
    return [*urls, *lessons, *files, *chance.sample(TEXTS, 60)]


_TABLES: dict[str, Callable[[random.Random], list[Any]]] = {
    "text": _texts,
    "number": _numbers,
    "choice": _choices,
    "flag": _choices,
    "page": _pages,
    "picture": _files(
        _pictures, "image_recognition/fig.jpg", "super_resolution/icon.png", "super_resolution/portrait.png"
    ),
    "sound": _files(_sounds, "speech_recognition/prompt.flac", "speech_recognition/lunch.flac"),
    "sheet": _files(_sheets, "forecast/shop.csv"),
}
FILES = {"picture", "sound", "sheet"}
KINDS = tuple(_TABLES)
BOXES = {"Textbox": "text", "Number": "number", "Slider": "number", "Radio": "choice", "Dropdown": "choice",
"CheckboxGroup": "choice",
"Checkbox": "flag",
         "HTML": "page", "Image": "picture", "Audio": "sound", "File": "sheet", "UploadButton": "sheet",
         "State": "page"}  # fmt: skip
