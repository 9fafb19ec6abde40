"""The verifier that anybody can run: one file, the standard library of Python 3.9 or later, no network."""
