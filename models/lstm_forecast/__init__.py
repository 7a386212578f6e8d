"""One LSTM for many series: reads a series' past and says its next seasons as quantiles."""

from models.spec import ModelSpec

SPEC = ModelSpec(name="lstm_forecast", memory_mb=61, licence="Apache-2.0")
