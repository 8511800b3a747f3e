"""Very many stops, or very long routes: strings of stops ruined and recreated, in columns.

Slack induction by string removals (Christiaens and Vanden Berghe 2020), its steps made to take the
same time whatever the size: places are sought next to near neighbours only, tours are chains.
"""

from crossdock.plan.routing.strings.rounds import improve_by_strings

__all__ = ["improve_by_strings"]
