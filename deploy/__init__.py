"""Bringing the hub to where people see it: a Hugging Face Space, and a check before it is shown. See __main__.py."""
