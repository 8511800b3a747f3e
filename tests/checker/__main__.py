"""``python -m checker RUN [ORDERS]``: prints the faults; exit 1 if there is one."""

from __future__ import annotations

import sys

from checker import check_run


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m checker RUN [ORDERS]\n")
        return 2
    faults = check_run(arguments[0], orders=arguments[1] if len(arguments) == 2 else None)
    sys.stdout.writelines(f"{fault}\n" for fault in faults or ["no fault found"])
    return 1 if faults else 0


sys.exit(main(sys.argv[1:]))
