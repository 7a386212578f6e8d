"""What the net reads, what it is to pass over, and the letters it writes."""

DIGITS = tuple("zero one two three four five six seven eight nine".split())  # noqa: SIM905
COMMANDS = tuple("yes no stop go up down left right on off start back".split())  # noqa: SIM905
WORDS = DIGITS + COMMANDS
UNKNOWN = "?"  # stands for a stretch of words that are none of these
BLANK, LETTERS = 0, " " + UNKNOWN + "".join(sorted(set("".join(WORDS))))  # letter i is output i + 1
# Said in training so that the net learns what is none of its words; none sounds like one of them.
OTHERS = tuple(
    """about after again all always animal answer apple april august autumn banana because better between bicycle
    birthday black blue book bottle bread bridge brother brown camera change children city clean coffee cold color
    computer cooking country dance december different dinner doctor dollar dream early easy eleven evening every
    family father february finger finish fish flower friday friend garden glass goodbye green guitar hammer happy
    hello house hundred january journey july june kitchen language laugh letter library listen little lunch machine
    march market message milk million minute monday money month morning mother mountain music never number october
    office okay orange other paper password people person phone picture please pocket pound problem purple question
    rain record red river saturday school september shoulder sister small spring station street summer sunday table
    teacher telephone ten thank there thirteen thirty thousand thursday together tomorrow travel tuesday twelve
    twenty umbrella uncle under valley village water weather wednesday welcome window winter woman world yellow
    yesterday""".split()  # noqa: SIM905
)
