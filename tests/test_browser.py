"""The hub in a real browser: every tab opens, runs its first example and shows a receipt, without a console
error.

Needs Chromium; without it these tests are left out, unless HUB_BROWSER_TESTS=required.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import demos
import models
from deploy import report

sync_api = pytest.importorskip("playwright.sync_api")
Page, expect = sync_api.Page, sync_api.expect

CHROMIUM = report.browser()
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream",
         "--use-fake-device-for-media-stream"]  # fmt: skip
SLOW = 120_000  # milliseconds: a cold model on a busy machine
expect.set_options(timeout=SLOW)
ROOT = Path(__file__).parent.parent
# Visible text fields, sliders and boxes of which a screen reader could not say what they are.
NAMELESS = """() => [...document.querySelectorAll('input:not([type=file]), textarea, select')]
    .filter(one => one.offsetParent && !one.ariaLabel && !one.labels?.length && !one.title)
    .map(one => one.outerHTML.slice(0, 200))"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("HUB_BROWSER_TESTS") != "required",
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A hub of its own, as `python app.py` starts it."""
    port = _free_port()
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "HF_HUB_OFFLINE": "1"}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(120)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(url: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        assert server.poll() is None, "the hub ended by itself"
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=10).close()
            return
        time.sleep(0.2)
    raise AssertionError("the hub did not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def visitor(browser: "sync_api.Browser", **options: object) -> Iterator["Page"]:
    """A page of a new visitor; at the end its console must have stayed clean."""
    context = browser.new_context(**{"locale": "en-US", "viewport": {"width": 1200, "height": 900}} | options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def run_first_example(page: "Page", demo: str) -> str:
    """Clicks the tab's first example; -> the receipt."""
    page.locator(f"#{demo}-run").wait_for(timeout=SLOW)
    page.locator(f"#tab-{demo} .examples button").first.click()
    receipt = page.locator(f"#{demo}-receipt p.receipt")
    receipt.wait_for(timeout=SLOW)
    return receipt.inner_text()


@pytest.mark.parametrize("demo", demos.names())
def test_a_tab_works(address: str, browser: "sync_api.Browser", demo: str) -> None:
    """One page for all, since it takes longer to open than what is looked at."""
    with visitor(browser) as page:
        page.goto(f"{address}?demo={demo}")
        receipt = run_first_example(page, demo)
        assert demos.load(demo).models[0] in receipt
        assert re.search(r"computed \d+\.\d\d s", receipt)
        page.locator(f"#tab-{demo} .how button").first.click()
        card = page.locator(f"#tab-{demo} .how .prose.only-en:visible")
        expect(card).to_contain_text("models/")
        assert "frozen sample" in card.inner_text()
        assert page.evaluate(NAMELESS) == []
        page.set_viewport_size({"width": 390, "height": 800})  # a phone
        page.wait_for_function("document.documentElement.scrollWidth <= 390", timeout=SLOW)


def test_a_link_opens_any_tab_on_a_phone(address: str, browser: "sync_api.Browser") -> None:
    """Also the last one, which a narrow page would hide in a menu."""
    with visitor(browser, viewport={"width": 390, "height": 800}) as page:
        page.goto(f"{address}?demo=models")
        expect(page.locator("#models-view tr").first).to_be_visible(timeout=SLOW)
        expect(page.locator("#tab-models-button")).to_be_visible()


def test_language_follows_the_browser(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser, locale="zh-TW") as page:
        page.goto(address)
        expect(page.locator("#text_generation-run")).to_have_text("运行")
    with visitor(browser, locale="fr-FR") as page:
        page.goto(address)
        expect(page.locator("#text_generation-run")).to_have_text("Run")


def test_language_can_be_switched(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser, locale="zh-HK") as page:
        page.goto(address)
        expect(page.locator("#text_generation-run")).to_have_text("运行")
        expect(page.locator("#tab-questions-button")).to_have_text("问题清单")
        page.locator(".switch-language").click()
        expect(page.locator("#text_generation-run")).to_have_text("Run")
        expect(page.locator("#tab-questions-button")).to_have_text("Questions")
        page.reload()
        expect(page.locator("#text_generation-run")).to_have_text("Run")


def test_a_link_restores_the_inputs_and_runs(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{address}?demo=text_generation")
        run_first_example(page, "text_generation")
        page.locator("#tab-text_generation textarea:visible").first.fill("The lighthouse keeper")
        page.locator("#text_generation-link").click()
        page.locator(".hub-note").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
    with visitor(browser) as page:
        page.goto(link)
        page.locator("#text_generation-receipt p.receipt").wait_for(timeout=SLOW)
        assert (
            page.locator("#tab-text_generation textarea:visible").first.input_value()
            == "The lighthouse keeper"
        )


def test_stop_ends_a_run(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=text_generation")
        page.locator("#text_generation-run").wait_for()
        page.locator(".examples:visible button").first.click()
        page.locator("#text_generation-receipt p.status").wait_for(timeout=SLOW)
        page.locator("#text_generation-stop").click()
        expect(page.locator("#text_generation-receipt")).to_contain_text("Stopped")
        with visitor(browser) as other:  # not this page: to leave it now would cut off what Stop is told by
            other.goto(f"{address}?demo=models")
            expect(other.locator("#models-view tr")).not_to_have_count(0)
            expect(other.locator("#models-view tr.in-use")).to_have_count(0, timeout=SLOW)


def test_a_new_conversation_is_not_overwritten_by_the_answer_that_was_being_written(
    address: str, browser: "sync_api.Browser"
) -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=text_generation")
        page.locator("#text_generation-run").wait_for()
        page.locator(".examples:visible button").first.click()
        page.locator("#tab-text_generation .turn.assistant .token").first.wait_for(timeout=SLOW)
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator("#text_generation-receipt p")).to_have_count(0)
        page.wait_for_timeout(1000)  # in which a run that goes on would write
        expect(page.locator("#tab-text_generation .turn")).to_have_count(0)
        expect(page.locator("#text_generation-receipt p")).to_have_count(0)


def test_wrong_input_is_answered_beside_the_run_button(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=image_recognition")
        page.locator("#image_recognition-run").click()
        refusal = page.locator("#image_recognition-receipt p.refused")
        refusal.wait_for(timeout=SLOW)
        assert refusal.inner_text()
        assert "Error" not in page.locator("#image_recognition-receipt").inner_text()


def test_control_enter_runs(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=image_recognition")
        page.locator("#image_recognition-run").wait_for()
        page.keyboard.press("Control+Enter")
        page.locator("#image_recognition-receipt p.refused").wait_for(timeout=SLOW)


def test_two_visitors_at_once(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as first, visitor(browser) as second:
        for page in (first, second):
            page.goto(f"{address}?demo=image_recognition")
            page.locator("#image_recognition-run").wait_for()
        chips = [page.locator(".examples:visible button") for page in (first, second)]
        chips[0].nth(0).click()
        chips[1].nth(1).click()
        for page in (first, second):
            page.locator("#image_recognition-receipt p.receipt").wait_for(timeout=SLOW)
        answers = [page.locator("#tab-image_recognition").inner_text() for page in (first, second)]
        assert answers[0] != answers[1]


def test_models_page_shows_what_is_in_memory(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=sketch_cnn")
        run_first_example(page, "sketch_cnn")
        page.goto(f"{address}?demo=models")
        warm = page.locator("#models-view tr.warm").filter(has_text="digit_cnn")
        expect(warm).to_be_visible(timeout=SLOW)
        expect(page.locator("#models-view .events")).to_contain_text(
            "loaded"
        )  # the newest; older ones scroll out


def test_classes_are_taught_by_file_and_webcam_and_seen_live(
    address: str, browser: "sync_api.Browser", tmp_path: Path
) -> None:
    samples = ROOT / "assets" / "samples" / "teach_images"
    (tmp_path / "cut.jpg").write_bytes((samples / "landscape" / "try.jpg").read_bytes()[:3000])
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    with visitor(browser, permissions=["camera"]) as page:
        page.goto(f"{address}?demo=teach_images")
        page.locator("#teach_images-run").wait_for(timeout=SLOW)
        tab = page.locator("#tab-teach_images")
        for number, name in enumerate(("<i>fruit</i>", "screen")):
            tab.locator(".lesson-name").nth(number).fill(name)
        counts, note = tab.locator(".lesson-count"), tab.locator(".lesson .lesson-note")
        for wrong, told in (("cut.jpg", "cannot be read"), ("phone.heic", "HEIC")):
            _choose(page, tab.locator(".lesson-add").first, [tmp_path / wrong])
            expect(note).to_contain_text(told)
        _choose(page, tab.locator(".lesson-add").first, sorted(samples.glob("emoji/fruit-*")))
        expect(counts.first).to_have_text("6")
        tab.locator(".lesson-camera").nth(1).click()
        for count in (1, 2, 3):
            page.wait_for_timeout(600)  # the camera starts, its picture moves on
            tab.locator(".lesson-shoot").press("Enter")
            expect(counts.nth(1)).to_have_text(str(count))
        page.locator("#teach_images-run").click()
        expect(tab.locator(".classifier-told")).to_have_text("<i>fruit</i> · screen", timeout=SLOW)
        tab.locator(".look-camera").click()
        expect(tab.locator("h2.output-class")).to_have_text("screen", timeout=SLOW)
        tab.locator(".look-camera").click()
        with page.expect_download() as file:
            tab.locator(".classifier-save").click()
        file.value.save_as(tmp_path / "mine.safetensors")
        _choose(page, tab.locator(".classifier-load"), [tmp_path / "cut.jpg"])
        expect(tab.locator(".refused")).to_contain_text("safetensors")
        _choose(page, tab.locator(".classifier-load"), [tmp_path / "mine.safetensors"])
        expect(tab.locator(".classifier-told")).to_have_text("<i>fruit</i> · screen")


LENT = """window.lent = [];
const plain = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (...wanted) {
  const stream = await plain.apply(this, wanted);
  lent.push(stream);
  return stream;
};"""


@pytest.mark.parametrize(
    ("demo", "camera"), [("face_match", ".face-camera"), ("teach_images", ".lesson-camera")]
)
def test_the_webcam_ends_when_its_tab_is_left(
    address: str, browser: "sync_api.Browser", demo: str, camera: str
) -> None:
    with visitor(browser, permissions=["camera"]) as page:
        page.add_init_script(LENT)
        page.goto(f"{address}?demo={demo}")
        page.locator(f"#tab-{demo} {camera}").first.click(timeout=SLOW)
        expect(page.locator(f"#tab-{demo} video").first).to_be_visible()
        page.wait_for_function("lent.length === 1 && lent[0].active", timeout=SLOW)
        page.wait_for_timeout(500)  # it stays on while it is looked at
        assert page.evaluate("lent[0].active")
        page.locator("#tab-questions-button").click()
        page.wait_for_function("!lent[0].active", timeout=5000)


HELD = """const free = new Promise((done) => { window.letGo = done; });
const plain = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = async function () { await free; return plain.call(this); };"""


def test_pictures_of_a_removed_class_go_to_no_other(address: str, browser: "sync_api.Browser") -> None:
    samples = ROOT / "assets" / "samples" / "teach_images" / "emoji"
    with visitor(browser) as page:
        page.add_init_script(HELD)
        page.goto(f"{address}?demo=teach_images")
        page.locator("#teach_images-run").wait_for(timeout=SLOW)
        tab = page.locator("#tab-teach_images")
        _choose(page, tab.locator(".lesson-add").first, sorted(samples.glob("fruit-*")))
        tab.locator(".lesson-away").first.click()
        expect(tab.locator(".lesson-count")).to_have_text(["0"])
        page.evaluate("letGo()")
        page.wait_for_timeout(1000)
        expect(tab.locator(".lesson-count")).to_have_text(["0"])


BLANK = """() => document.querySelector("#tab-vit canvas").getContext("2d").getImageData(0, 0, 280, 280).data
    .every((value) => value === 255)"""


def test_a_photo_that_is_taken_away_leaves_a_blank_page_and_runs_nothing(
    address: str, browser: "sync_api.Browser", tmp_path: Path
) -> None:
    (tmp_path / "words.jpg").write_bytes(b"not a photo")
    with visitor(browser) as page:
        page.goto(f"{address}?demo=vit")
        page.locator("#vit-run").wait_for(timeout=SLOW)
        tab, receipt = page.locator("#tab-vit"), page.locator("#vit-receipt p")
        tab.get_by_role("button", name="Or upload a photo").click()
        tab.locator("input[type=file]").set_input_files(tmp_path / "words.jpg")
        expect(page.get_by_text("This file cannot be read").first).to_be_visible()
        page.wait_for_timeout(500)
        expect(receipt).to_have_count(0, timeout=5000)
        tab.get_by_role("button", name="Remove Image").click()
        page.wait_for_timeout(500)
        expect(receipt).to_have_count(0, timeout=5000)
        tab.locator("input[type=file]").set_input_files(ROOT / "assets" / "samples" / "garments" / "boot.png")
        page.locator("#vit-receipt p.receipt").wait_for(timeout=SLOW)
        assert not page.evaluate(BLANK)
        tab.get_by_role("button", name="Remove Image").click()
        page.wait_for_function(BLANK, timeout=20_000)
        page.wait_for_timeout(500)
        expect(page.locator("#vit-receipt p.refused")).to_have_count(0, timeout=5000)
        tab.locator(".examples button").first.click()
        page.wait_for_function(f"!({BLANK})()", timeout=SLOW)


def test_a_link_makes_the_page_fetch_nothing_from_elsewhere(
    address: str, browser: "sync_api.Browser"
) -> None:
    with visitor(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f'{address}?demo=sketch_cnn&run=sketch_cnn#with=["http://elsewhere.invalid/a.png","digit"]')
        expect(page.locator("#sketch_cnn-receipt p.refused")).to_contain_text("must be a PNG", timeout=SLOW)
        assert [url for url in asked if "elsewhere" in url and address not in url] == []
        page.locator("#sketch_cnn-example-0").click()
        page.locator("#sketch_cnn-receipt p.receipt").wait_for(timeout=SLOW)


def _choose(page: "Page", button: "sync_api.Locator", files: list[Path]) -> None:
    with page.expect_file_chooser() as chooser:
        button.click()
    chooser.value.set_files(files)


def test_questions_open_their_demo(address: str, browser: "sync_api.Browser") -> None:
    with visitor(browser) as page:
        page.goto(f"{address}?demo=questions")
        page.locator("details.question summary").first.click()
        page.locator("a.open-demo:visible").first.click()
        page.locator("#text_generation-run").wait_for()
        assert "demo=text_generation" in page.url


SHOW = """
import signal, sys, time
from pathlib import Path
import demos
from demos import translation
from deploy import show, tour

quick = translation.sentences
def slow(*args):  # waits as long as the test looks at what was prepared
    while Path(sys.argv[1], "hold").exists():
        time.sleep(0.05)
    return quick(*args)

translation.sentences = slow
demos.names = lambda: ("sketch_cnn",)
tour.STOPS = tuple(stop for stop in tour.STOPS if stop.demo in ("translation", "image_recognition"))
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs tests in the background has it ignored
sys.exit(show.show(None, False, Path(sys.argv[1])))
"""


@contextlib.contextmanager
def shown(folder: Path) -> Iterator[str]:
    """The address of a tour of two stops, as `python -m deploy show` prints it."""
    environment = os.environ | {"GRADIO_SERVER_PORT": str(_free_port()), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", SHOW, str(folder)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        printed = server.stdout or ()
        yield next(line.split()[2] for line in printed if line.startswith("The tour:"))
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=120)


def test_a_tour_by_keyboard_shows_prepared_then_live_and_ends_with_a_report(
    browser: "sync_api.Browser", tmp_path: Path
) -> None:
    with shown(tmp_path) as url, visitor(browser) as page:
        (tmp_path / "hold").touch()
        page.goto(url)
        words, state = page.locator(".tour-words"), page.locator(".tour-state")
        answer = page.locator("#tab-translation .written").first
        expect(words).to_contain_text("1 / 2", timeout=SLOW)
        expect(state).to_contain_text("Prepared earlier", timeout=SLOW)
        expect(answer).to_contain_text("She is writing a letter")
        expect(page.locator("#translation-receipt")).to_contain_text("Prepared at")
        expect(page.locator(".hub-header")).to_be_hidden()
        (tmp_path / "hold").unlink()
        expect(state).to_contain_text("Live result", timeout=SLOW)
        page.locator("#tab-translation textarea:visible").first.focus()
        page.keyboard.press("ArrowRight")  # moves in the text
        page.keyboard.press("Escape")  # leaves the text, not the tour
        expect(words).to_contain_text("1 / 2")
        page.keyboard.press("PageDown")
        expect(words).to_contain_text("2 / 2")
        expect(state).to_contain_text("Live result", timeout=SLOW)
        page.keyboard.press("ArrowLeft")
        expect(words).to_contain_text("1 / 2")
        for _ in range(2):
            page.locator(".tour-next").click()
        with page.expect_download() as file:
            page.locator(".tour-link").nth(1).wait_for(timeout=SLOW)
            page.locator(".tour-link").first.click()
        file.value.save_as(tmp_path / "mine.html")
        report = (tmp_path / "mine.html").read_text()
        assert models.revision("transformer_zh_en") in report
        assert models.revision("efficientnet_lite0") in report
        assert len(list(tmp_path.glob("shown-*.html"))) == len(list(tmp_path.glob("shown-*.pdf"))) == 1
        page.keyboard.press("Escape")
        expect(page.locator(".hub-header")).to_be_visible()
