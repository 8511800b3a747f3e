"""The pages that people see in a browser, served beside the API that they ask."""

from crossdock.platform.server.pages.built import STATIC
from crossdock.platform.server.pages.routes import install_pages

__all__ = ["STATIC", "install_pages"]
