"""Signs and short forms in a text, and what is said for them; which words decide what is meant."""


def _pairs(text: str) -> dict[str, str]:
    """ "Dr=doctor; Mr=mister" -> what is written: what is said."""
    pairs = (pair.partition("=") for pair in " ".join(text.split()).split("; "))
    return {written: said for written, _, said in pairs}


MONTHS = """january february march april may june july august september october november
    december""".split()  # noqa: SIM905
MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
SCALES = _pairs("k=thousand; m=million; mn=million; b=billion; bn=billion; t=trillion")  # after an amount
UNITS = _pairs(  # one of them
    """km=kilometer; m=meter; cm=centimeter; mm=millimeter; mi=mile; yd=yard; kg=kilogram; g=gram;
    mg=milligram; oz=ounce; lb=pound; lbs=pound; L=liter; l=liter; ml=milliliter; mL=milliliter; h=hour;
    hr=hour; hrs=hour; min=minute; mins=minute; s=second; sec=second; ms=millisecond; W=watt; kW=kilowatt;
    MW=megawatt; V=volt; kWh=kilowatt hour; GB=gigabyte; MB=megabyte; KB=kilobyte; kB=kilobyte; TB=terabyte;
    ha=hectare; km²=square kilometer; m²=square meter; m³=cubic meter; sq ft=square foot; °C=degree celsius;
    °F=degree fahrenheit; °=degree; ft=foot; hp=horsepower; km/h=kilometer per hour; m/s=meter per second;
    mph=mile per hour; dB=decibel; Hz=hertz; kHz=kilo hertz; MHz=mega hertz; GHz=giga hertz; kcal=kilo
    calorie"""
)
SAME, FEET = ("hertz", "horsepower"), {"foot": "feet"}
TITLES = _pairs(  # with a full stop that never ends a sentence
    """Dr=doctor; Mr=mister; Mrs=missus; Ms=ms; Prof=professor; St=saint; Mt=mount; Gen=general; Col=colonel;
    Sgt=sergeant; Capt=captain; Sen=senator; Lt=lieutenant; Rev=reverend; Gov=governor; vs=versus;
    approx=approximately; e.g=for example; E.g=for example; i.e=that is; I.e=that is; Fig=figure; fig=figure;
    Vol=volume; cf=compare"""
)
SHORT = _pairs(  # with one that may
    """etc=etcetera; Inc=incorporated; Ltd=limited; Co=company; Corp=corporation; Jr=junior; Sr=senior;
    Ave=avenue; Blvd=boulevard; Rd=road; dept=department; Dept=department; est=established; max=maximum;
    govt=government"""
)
LETTERWISE = set("US IT AI EU IP ID WHO AM PM UN OR TV UK PC IQ LA NY ET ME MS IM".split())  # noqa: SIM905
KINGS = """Louis Henry Elizabeth George Charles Edward James Richard William Philip Pius Benedict Napoleon Nicholas
    Peter Catherine Frederick John Paul Francis Alexander Leo""".split()  # noqa: SIM905
CHAPTERS = """War Chapter Part Act Volume Book Section Phase Class Type Level Stage Article Title Season Episode
    Rocky Apollo Bowl""".split()  # noqa: SIM905
BEFORE_SAINTS = "The|In|At|On|And|By|Of|To|For|Is|Was|See|Near"  # words after which St. is no street
# Words that begin a sentence and no name: a full stop before one ends the sentence, before another capital it may not.
BEGINNERS = (
    "The|He|She|It|They|We|You|I|This|That|These|Those|There|Then|But|And|So|In|On|At|As|If|When|While"
)
BEGINNERS += (
    "|After|Before|For|From|To|His|Her|Its|Their|Our|My|What|Why|How|Where|Now|Later|Also|However|A|An"
)
FRACTIONS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
VULGAR = _pairs("½=1/2; ⅓=1/3; ⅔=2/3; ¼=1/4; ¾=3/4; ⅕=1/5; ⅛=1/8")
SIGNS = _pairs(  # by themselves
    """&=and; +=plus; @=at; %=percent; #=hash; ×=times; ÷=over; ±=plus or minus; ≈=about; ~=about; <=less than;
    >=greater than; →=to; ≤=at most; ≥=at least; /=slash; _=underscore; §=section; π=pie; €=euros;
    $=dollars; £=pounds; °=degrees; ™=trademark; ©=copyright; ^=to the power of"""
)
SIGNS["="] = "equals"
IN_ADDRESS = SIGNS | {".": "dot", "-": "dash", ":": "colon", "?": "question mark", "~": "tilde"}
