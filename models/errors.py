"""The error an operator can mend. The one a visitor can mend is demos._ui.InvalidInput."""


class ModelUnavailable(Exception):
    """A model cannot be had now. Its two sentences name the cause and hold the command that helps."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh, self.en = zh, en

    def __reduce__(self) -> tuple:
        """It crosses processes: by itself, an exception of two arguments could not be unpickled."""
        return type(self), (self.zh, self.en)
