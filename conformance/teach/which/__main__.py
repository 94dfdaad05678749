"""Command that writes the page: `python -m conformance.teach.which`."""

from .page import FILE, page


def main() -> None:
    """Write the page, after the data that it is made of have changed."""
    FILE.write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
