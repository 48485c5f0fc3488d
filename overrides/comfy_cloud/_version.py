"""The version of this package, in a module of its own so that no other module imports the package itself."""

__all__ = ["__version__"]

__version__ = "0.1.1"
