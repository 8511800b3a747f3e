"""``python -m crossdock.platform.cli``: the ``crossdock`` command without its script."""

import sys

from crossdock.platform.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
